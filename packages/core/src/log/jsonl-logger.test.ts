import { readFileSync } from 'node:fs'
import { beforeAll, expect, it } from 'vitest'
import { runWithCuts } from '../../test/cut-run.js'
import { runFolder } from '../../test/run-folder.js'
import { toyLearner, toyLoaders } from '../../test/toy.js'
import { useEngine } from '../engine/engine.js'
import { joinRecords } from '../learner/fit-record.js'
import { accuracy } from '../metrics/accuracy.js'
import { type JsonlLoggerOptions, jsonlLogger } from './jsonl-logger.js'
import '../node/install.js'

beforeAll(async () => {
  await useEngine('cpu')
})
const dir = runFolder()
const fname = () => `${dir()}.jsonl`
const logger = (options: JsonlLoggerOptions = {}) => jsonlLogger({ fname: fname(), ...options })
const objects = () =>
  readFileSync(fname(), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)

it('writes an object per step and per epoch', async () => {
  using learn = toyLearner(await toyLoaders(), { metrics: [accuracy], cbs: [logger()] })
  await learn.fitOneCycle(2, [1e-3, 1e-2])
  const { rawLosses, losses, lrs, values } = learn.recorder
  const all = objects()
  expect(all.map((o) => [o['kind'], o['epoch'], o['step']])).toEqual([
    ['step', 0, 1],
    ['step', 0, 2],
    ['step', 0, 3],
    ['epoch', 0, 3],
    ['step', 1, 4],
    ['step', 1, 5],
    ['step', 1, 6],
    ['epoch', 1, 6],
  ])
  const steps = all.filter((o) => o['kind'] === 'step')
  expect(steps.map((o) => o['loss'])).toEqual(rawLosses)
  expect(steps.map((o) => o['smooth_loss'])).toEqual(losses)
  expect(steps.map((o) => (o['hypers'] as { lr: number }[]).map((h) => h.lr))).toEqual(
    lrs.map((lr) => [expect.closeTo(lr / 10, 8), lr]),
  )
  const epochs = all.filter((o) => o['kind'] === 'epoch')
  expect(epochs.map((o) => [o['train_loss'], o['valid_loss'], o['metrics']])).toEqual(
    values.map(([train, valid, acc]) => [train, valid, { accuracy: acc }]),
  )
  for (const o of all) {
    expect(o).toMatchObject({ fit: 0, phase: 'fitOneCycle' })
    expect(Math.abs(Date.now() - Date.parse(o['time'] as string))).toBeLessThan(60_000)
  }
})

it('writes every n-th step; lrFind leaves nothing, what was not measured is left out', async () => {
  using learn = toyLearner(await toyLoaders({ valid: 0 }), {
    metrics: [accuracy],
    cbs: [logger({ everySteps: 2 })],
  })
  await learn.lrFind({ numIt: 12 })
  await learn.fit(2, 1e-2)
  expect(objects().map((o) => [o['kind'], o['step']])).toEqual([
    ['step', 2],
    ['epoch', 3],
    ['step', 4],
    ['step', 6],
    ['epoch', 6],
  ])
  expect(Object.keys(objects()[1]!)).not.toContain('valid_loss')
  expect(objects()[1]!['metrics']).toEqual({})
})

it('has every step once when its run was cut and went on', async () => {
  const { rawLosses } = joinRecords(await runWithCuts(dir(), [1, 3, 4, 6, 8, 9, 12], logger))
  const steps = objects().filter((o) => o['kind'] === 'step')
  expect(steps.map((o) => o['step'])).toEqual(rawLosses.map((_, i) => i + 1))
  expect(steps.map((o) => o['loss'])).toEqual(rawLosses)
  const epochs = objects().filter((o) => o['kind'] === 'epoch')
  expect(epochs.map((o) => [o['fit'], o['epoch']])).toEqual([
    [0, 0],
    [1, 0],
    [1, 1],
  ])
})

it('says what is wrong with its options', () => {
  expect(() => jsonlLogger({ everySteps: 0 })).toThrow('everySteps must be a whole number from 1, got 0')
})
