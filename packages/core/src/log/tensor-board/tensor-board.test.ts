import { readdirSync } from 'node:fs'
import { ndArray } from '@espalier/data'
import { beforeAll, expect, it } from 'vitest'
import { runWithCuts } from '../../../test/cut-run.js'
import { type ReadEvent, readEvents } from '../../../test/read-events.js'
import { runFolder } from '../../../test/run-folder.js'
import { toyLearner, toyLoaders } from '../../../test/toy.js'
import { useEngine } from '../../engine/engine.js'
import { joinRecords } from '../../learner/fit-record.js'
import { accuracy } from '../../metrics/accuracy.js'
import { platform, setPlatform } from '../../platform.js'
import { plotLosses } from '../../report/plot-losses.js'
import { type TensorBoardOptions, tensorBoard } from './tensor-board.js'
import '../../node/install.js'

beforeAll(async () => {
  await useEngine('cpu')
})
const dir = runFolder()
const logDir = () => `${dir()}-board`
const board = (options: Partial<TensorBoardOptions> = {}) => tensorBoard({ logDir: logDir(), ...options })
const under = (events: readonly ReadEvent[], tag: string) =>
  events.filter((e) => e.tag === tag).map((e) => [e.step, e.value])
const f = Math.fround

it('writes losses and rates per step, metrics per epoch, all fits in a row', async () => {
  using learn = toyLearner(await toyLoaders(), { metrics: [accuracy], cbs: [board()] })
  await learn.lrFind({ numIt: 12 })
  await learn.fitOneCycle(1, [1e-3, 1e-2])
  await learn.fit(1, 1e-2)
  const { losses, rawLosses, lrs, moms, values } = joinRecords(learn.recorder.fits)
  const [events = [], ...others] = readEvents(logDir())
  expect(others).toEqual([])
  expect(events[0]).toEqual({ step: 0, version: 'brain.Event:2' })
  const perStep = (numbers: readonly number[]) => numbers.map((v, i) => [i + 1, f(v)])
  expect(under(events, 'train_loss')).toEqual(perStep(losses))
  expect(under(events, 'batch_loss')).toEqual(perStep(rawLosses))
  expect(under(events, 'lr_1')).toEqual(perStep(lrs))
  expect(under(events, 'mom_0')).toEqual(perStep(moms))
  expect(under(events, 'lr_0')[0]![1]).toBeCloseTo(lrs[0]! / 10, 8)
  expect(under(events, 'valid_loss')).toEqual(values.map(([, v], i) => [3 * i + 3, f(v!)]))
  expect(under(events, 'accuracy')).toEqual(values.map(([, , v], i) => [3 * i + 3, f(v!)]))
})

it('writes pictures, texts and hyper-parameters', async () => {
  const pixels = ndArray('uint8', [2, 3], Uint8Array.from([0, 50, 100, 150, 200, 250]))
  const images = picturesOf(pixels)
  const cb = board({
    everyEpochs: 2,
    everySteps: 2,
    images,
    texts: { notes: '# a run' },
    hparams: { lr: 0.1, a: 'b', c: true },
  })
  using learn = toyLearner(await toyLoaders(), { cbs: [cb] })
  await learn.fit(2, 1e-2)
  const [events = []] = readEvents(logDir())
  expect(under(events, 'pixels')).toEqual([[6, '3 × 2']])
  expect(under(events, 'losses')).toEqual([[6, expect.stringMatching(/^\d{4} × \d{3}$/)]])
  expect(under(events, 'notes')).toEqual([[2, '# a run']])
  expect(under(events, '_hparams_/session_start_info')).toHaveLength(1)
  expect(under(events, 'train_loss').map(([step]) => step)).toEqual([2, 4, 6])
})

function picturesOf(pixels: ReturnType<typeof ndArray<'uint8'>>): NonNullable<TensorBoardOptions['images']> {
  return async (learn) => ({ pixels, losses: plotLosses({ train: [...learn.recorder.losses] }) })
}

it('writes pictures also where no encoder is installed', async () => {
  const real = platform()
  const { encodeImage, ...bare } = real
  expect(encodeImage).toBeDefined()
  setPlatform(bare)
  try {
    const images = () => ({ pixels: ndArray('uint8', [1, 2, 3], new Uint8Array(6)) })
    using learn = toyLearner(await toyLoaders({ train: 8 }), { cbs: [board({ images })] })
    await learn.fit(1, 1e-2)
  } finally {
    setPlatform(real)
  }
  expect(under(readEvents(logDir())[0]!, 'pixels')).toEqual([[1, '2 × 1']])
})

it('has every step once when its run was cut and went on, each process with a file of its own', async () => {
  const cuts = [3, 4, 6, 9, 12]
  const cb = () => board({ texts: { notes: 'a' } })
  const { rawLosses, values } = joinRecords(await runWithCuts(dir(), cuts, cb))
  const files = readEvents(logDir())
  expect(files).toHaveLength(cuts.length + 1)
  const events = files.flat()
  expect(under(events, 'batch_loss')).toEqual(rawLosses.map((v, i) => [i + 1, f(v)]))
  expect(under(events, 'valid_loss')).toEqual(values.map(([, v], i) => [4 * i + 4, f(v!)]))
  expect(under(events, 'notes')).toEqual([[1, 'a']])
  for (const [i, file] of files.entries()) {
    expect(file[0]!.version).toBe('brain.Event:2')
    // What TensorBoard shall forget begins behind the last step that counts.
    const done = files.slice(0, i).flat().at(-1)?.step ?? 0
    expect(file[1]).toEqual({ step: done + 1, restart: true })
  }
  expect(readdirSync(logDir()).every((name) => /^events\.out\.tfevents\.\d{10}\./.test(name))).toBe(true)
})

it('says what is wrong with its options', () => {
  expect(() => tensorBoard({} as never)).toThrow("say tensorBoard({ logDir: 'runs/first' })")
  expect(() => board({ everyEpochs: 0.5 })).toThrow('everyEpochs must be a whole number from 1')
})
