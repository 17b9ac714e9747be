import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { SkipItem } from '@espalier/data'
import { beforeAll, describe, expect, it } from 'vitest'
import { runFolder } from '../../test/run-folder.js'
import { features, toyLearner, toyLoaders } from '../../test/toy.js'
import { useEngine } from '../engine/engine.js'
import { weightsDigest } from '../io/weights-digest.js'
import { Learner } from '../learner/learner.js'
import { accuracy } from '../metrics/accuracy.js'
import '../node/install.js'
import { installedPlatform, setPlatform } from '../platform.js'
import { unpackCurve } from './curve.js'
import { cardVariable } from './noted-fit.js'
import { parseRunCards } from './parse-cards.js'

const file = runFolder()

beforeAll(async () => {
  await useEngine('cpu')
})

const read = async (path: string) => parseRunCards(await readFile(path))

/** Does something with other parts of the platform. */
async function withPlatform(parts: object, run: () => Promise<void>): Promise<void> {
  const before = setPlatform(Object.assign({ ...installedPlatform()! }, parts))
  try {
    await run()
  } finally {
    setPlatform(before)
  }
}

describe('learn.card', () => {
  it('says what the run was made of and what came out', async () => {
    using learn = toyLearner(await toyLoaders({ seed: 5 }), { metrics: [accuracy] })
    await learn.fineTune(2, 1e-2)
    const card = await learn.card()
    expect(card).toMatchObject({
      format: 'espalier-run-card',
      version: 1,
      seed: 5,
      bs: 8,
      order: { shuffle: true, dropLast: true },
      dataSeed: 5,
      skipped: [0, 0],
      model: { kind: 'Mlp', weights: 8, parameters: 4 * 8 + 8 + 16 + 8 * 3 + 3, portable: null },
      data: {
        train: expect.stringMatching(/^24 items, [0-9a-f]{16}$/),
        valid: expect.stringMatching(/^8 items, [0-9a-f]{16}$/),
        vocab: expect.stringMatching(/^3 classes, [0-9a-f]{16}$/),
      },
      loss: { name: 'crossEntropy' },
      metrics: ['accuracy'],
      optimizer: { groups: [4, 2], noDecay: 4, forceTrain: 2 },
      weights: await weightsDigest(learn.model),
      engine: { name: 'cpu', threads: null },
    })
    const [input, target] = card.transforms.pipelines.map((p) => p.map((t) => t.name))
    expect(input).toContain('features')
    expect(target).toEqual(expect.arrayContaining(['labelOf']))
    expect(card.environment['runtime']).toBe(`node ${process.versions.node}`)
    expect(card.versions).toMatchObject({ '@espalier/core': '0.1.0', '@tensorflow/tfjs-core': '4.22.0' })
    const [frozen, whole] = card.fits
    expect(card.fits).toHaveLength(2)
    expect(frozen).toMatchObject({ phase: 'fineTune frozen', epochs: 1, frozen: 1, steps: 3, end: 'over' })
    expect(whole).toMatchObject({ phase: 'fineTune', epochs: 2, frozen: 0, steps: 6, restored: false })
    expect(whole?.columns).toEqual(['train_loss', 'valid_loss', 'accuracy'])
    expect(whole?.rows).toEqual(learn.recorder.values)
    expect([...unpackCurve(whole!.losses)]).toEqual(learn.recorder.rawLosses)
    expect(unpackCurve(whole!.lrs)[0]).toBe(Math.fround(learn.recorder.lrs[0]!))
    expect(whole!.began >= frozen!.ended!).toBe(true)
  })

  it('is the same for the same run, and not for another', async () => {
    const digest = async (seed: number, lr = 1e-2, options = {}) => {
      using learn = toyLearner(await toyLoaders({ seed, ...options }), { metrics: [accuracy] })
      await learn.fitOneCycle(2, lr)
      return (await learn.card()).digest
    }
    const first = await digest(3)
    expect(await digest(3)).toBe(first)
    const others = [await digest(4), await digest(3, 2e-2), await digest(3, 1e-2, { train: 23 })]
    expect(new Set([first, ...others]).size).toBe(4)
  })

  it('counts the items that were left out, and holds neither items nor places', async () => {
    const encode = (item: string) => {
      if (item === 'row 3') throw new SkipItem('torn')
      return features(item)
    }
    using learn = toyLearner(await toyLoaders({ encode }))
    await learn.fit(1)
    const card = await learn.card()
    expect(card.skipped).toEqual([1, 0])
    expect(JSON.stringify(card)).not.toMatch(/row \d|\/home|node_modules\/\./)
  })

  it('has numbers that JSON lacks, and long options by their hash', async () => {
    const long = { name: 'long', describeRun: () => 'x'.repeat(5000) }
    const odd = { name: 'odd', describeRun: () => ({ best: Number.NEGATIVE_INFINITY }) as never }
    const nan = { name: 'nan', reset() {}, accumulate() {}, value: () => Number.NaN }
    using learn = toyLearner(await toyLoaders(), { cbs: [long, odd], metrics: [nan] })
    await learn.fit(1)
    const { fits } = await learn.card()
    expect(fits[0]!.rows[0]![2]).toBe('NaN')
    expect(fits[0]!.callbacks).toContainEqual({ name: 'odd', options: { best: '-Infinity' } })
    const told = fits[0]!.callbacks.find((cb) => cb.name === 'long')!.options
    expect(told).toMatch(/^5002 characters, sha256 [0-9a-f]{64}$/)
  })

  it('of a learner that has done nothing has no fits, and looking for a rate is none', async () => {
    using learn = toyLearner(await toyLoaders())
    await learn.lrFind({ numIt: 20 })
    const card = await learn.card()
    expect(card.fits).toEqual([])
    expect(card.time.began).toBe(null)
  })
})

describe('the file of a card', () => {
  it('is there when a fit ends, and the card in it is that of the learner', async () => {
    using learn = toyLearner(await toyLoaders(), { card: `${file()}/run.json` })
    await learn.lrFind({ numIt: 20 })
    expect(existsSync(`${file()}/run.json`)).toBe(false)
    await learn.fit(1)
    const [first] = await read(`${file()}/run.json`)
    expect(first!.digest).toBe((await learn.card()).digest)
    await learn.fit(1)
    const [second, ...more] = await read(`${file()}/run.json`)
    expect(second!.fits).toHaveLength(2)
    expect(more).toEqual([])
  })

  it('holds the cards of all learners that name it, in their order', async () => {
    using a = toyLearner(await toyLoaders(), { card: file() })
    using b = toyLearner(await toyLoaders({ seed: 9 }), { card: file() })
    await Promise.all([a.fit(1), b.fit(2)])
    await a.fit(1)
    const cards = await read(file())
    expect(cards.map((c) => c.fits.length)).toEqual([2, 1])
    expect(cards[1]!.learner - cards[0]!.learner).toBe(1)
  })

  it('is written however a fit ends', async () => {
    const failing = {
      name: 'mine',
      afterEpoch: () => void Promise.reject(new Error('never')).catch(() => {}),
    }
    using learn = toyLearner(await toyLoaders({ encode: () => [Number.NaN, 0, 0, 0] }), {
      card: file(),
      cbs: [failing],
    })
    await expect(learn.fit(1)).rejects.toThrow('the loss is NaN')
    const [card] = await read(file())
    expect(card!.fits[0]).toMatchObject({ end: 'failed: train/nan', steps: 0, rows: [] })
    expect(card!.fits[0]!.ended).not.toBe(null)
  })

  it('goes where the environment says, for any learner', async () => {
    const machine = installedPlatform()!.machine!
    const env = (name: string) => (name === cardVariable ? `${file()}-env` : machine.env(name))
    await withPlatform({ machine: { ...machine, env } }, async () => {
      using learn = toyLearner(await toyLoaders(), { card: file() })
      await learn.fit(1)
    })
    expect(await read(`${file()}-env`)).toHaveLength(1)
    expect(existsSync(file())).toBe(false)
  })

  it('that cannot be written is told, and the run is not lost', async () => {
    const told: string[] = []
    const full = () => Promise.reject(new Error('disk full'))
    await withPlatform({ writeFileAtomic: full, write: (text: string) => told.push(text) }, async () => {
      using learn = toyLearner(await toyLoaders(), { card: file() })
      await learn.fit(1)
      expect(learn.recorder.values).toHaveLength(1)
    })
    expect(told).toEqual(['run card not written: disk full\n'])
  })

  it('must have a name', async () => {
    using learn = toyLearner(await toyLoaders())
    for (const card of ['', 5]) {
      const make = () => new Learner(learn.dls, learn.model, { card: card as string })
      expect(make).toThrow(/^card must be the path of a file, got/)
    }
  })
})

it('a run that goes on in another process has the card of one that was not cut, and says that it went on', async () => {
  const run = async (dir: string | undefined, cut: number) => {
    using learn = toyLearner(await toyLoaders(), { metrics: [accuracy] })
    const cbs = [{ name: 'cut', beforeBatch: () => cutAt(learn.run.step, cut) }]
    const kept = dir === undefined ? {} : { checkpoint: { dir, everySteps: 1 }, resume: true }
    for (const lr of [1e-2, 2e-2]) await learn.fitOneCycle(2, lr, { cbs, ...kept })
    return await learn.card()
  }
  const whole = await run(undefined, -1)
  await expect(run(file(), 8)).rejects.toThrow('cut')
  const resumed = await run(file(), -1)
  expect(resumed.fits.map((f) => [f.restored, f.end])).toEqual([
    [true, 'over'],
    [true, 'over'],
  ])
  expect(resumed.digest).toBe(whole.digest)
})

function cutAt(step: number, cut: number): void {
  if (step === cut) throw new Error('cut')
}
