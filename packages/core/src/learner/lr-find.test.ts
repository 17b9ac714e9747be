import { SkipItem } from '@espalier/data'
import { beforeAll, describe, expect, expectTypeOf, it } from 'vitest'
import { features, fingerprint, type ToyOptions, toyLearner, toyLoaders } from '../../test/toy.js'
import { type EngineName, useEngine } from '../engine/engine.js'
import * as tf from '../engine/tf.js'
import { accuracy } from '../metrics/accuracy.js'
import { larc } from '../optim/larc.js'
import { ranger } from '../optim/ranger.js'
import type { Callback } from './callback.js'
import { minimum, type SuggestFunc, slide, steep, valley } from './lr-suggest.js'

const engines: readonly EngineName[] = ['cpu', 'wasm']

describe.each(engines)('lrFind on %s', (engine) => {
  beforeAll(async () => {
    await useEngine(engine)
  })

  it('leaves no trace', async () => {
    using learn = toyLearner(await toyLoaders(), { metrics: [accuracy] })
    await learn.fit(1, 1e-2)
    const before = fingerprint(learn)
    const [tensors, records] = [tf.memory().numTensors, JSON.stringify(learn.recorder)]
    await learn.lrFind({ numIt: 30 })
    expect(fingerprint(learn)).toBe(before)
    expect(tf.memory().numTensors).toBe(tensors)
    expect(JSON.stringify(learn.recorder)).toBe(records)
    expect(learn.recorder.values).toHaveLength(1)
  })

  it.each([
    ['ranger', ranger({ k: 2 })],
    ['larc', larc()],
  ])('leaves no trace in what %s remembers', async (_, optFunc) => {
    using learn = toyLearner(await toyLoaders(), { optFunc })
    await learn.fit(1, 1e-2)
    const before = fingerprint(learn)
    await learn.lrFind({ numIt: 20, startLr: 1e-4 })
    expect(fingerprint(learn)).toBe(before)
  })

  it('before a fit changes nothing in it: weights, order and dropout are those of a fit without', async () => {
    const run = async (find: boolean) => {
      using learn = toyLearner(await toyLoaders())
      learn.freeze()
      if (find) await learn.lrFind({ numIt: 20 })
      await learn.fit(1, 1e-2)
      if (find) await learn.lrFind({ startLr: 1e-3, endLr: 1e6, numIt: 60 })
      learn.unfreeze()
      await learn.fitOneCycle(1, 1e-2)
      return [fingerprint(learn), ...learn.recorder.rawLosses]
    }
    expect(await run(true)).toEqual(await run(false))
  })
})

describe('lrFind', () => {
  beforeAll(async () => {
    await useEngine('cpu')
  })

  const failing = async (message: string, cbs: readonly Callback[], loaders: ToyOptions = {}) => {
    using learn = toyLearner(await toyLoaders(loaders), { cbs })
    learn.model.eval()
    const [before, tensors] = [fingerprint(learn), tf.memory().numTensors]
    await expect(learn.lrFind({ numIt: 20 })).rejects.toThrow(message)
    expect(fingerprint(learn)).toBe(before)
    expect(tf.memory().numTensors).toBe(tensors)
  }

  it('leaves no trace when something throws on the way', async () => {
    await failing("callback 'mine' failed in afterBatch: oops", [
      {
        name: 'mine',
        afterBatch: ({ trainIter }) => {
          if (trainIter === 4) throw new Error('oops')
        },
      },
    ])
    await failing('loading row 30: features failed on string "row 30": bad row', [], {
      train: 40,
      encode: (item) => {
        if (item === 'row 30') throw new Error('bad row')
        return features(item)
      },
    })
  })

  it('leaves no trace when the loss is not a number, and says how far it came', async () => {
    await failing('too few to read a rate from', [], {
      shuffle: false,
      encode: (item) => (item === 'row 20' ? [Number.NaN, 0, 0, 0] : features(item)),
    })
  })

  it('reads the curve up to the first step that is not a number', async () => {
    using learn = toyLearner(
      await toyLoaders({
        train: 200,
        shuffle: false,
        encode: (item) => (item === 'row 160' ? [Number.NaN, 0, 0, 0] : features(item)),
      }),
    )
    const last: SuggestFunc = (lrs, losses) => ({
      lr: lrs.at(-1)!,
      point: { lr: lrs[0]!, loss: losses.at(-1)! },
    })
    const { lrs, losses, suggestions } = await learn.lrFind({ numIt: 25, suggest: { last } })
    expect(losses.findIndex(Number.isNaN)).toBe(20)
    expect(suggestions[0]).toEqual({ name: 'last', lr: lrs[19], point: { lr: lrs[2], loss: losses[19] } })
  })

  it('raises the rate geometrically and stops when the loss diverges', async () => {
    using learn = toyLearner(await toyLoaders())
    const whole = await learn.lrFind({ stopDiv: false })
    expect(whole.lrs).toHaveLength(100)
    for (const [i, want] of [
      [0, 1e-7],
      [1, 1.202264e-7],
      [50, 1e-3],
      [99, 8.317638],
    ] as const) {
      expect(whole.lrs[i]! / want, `step ${i}`).toBeCloseTo(1, 6)
    }
    const cut = await learn.lrFind({ endLr: 1e5 })
    expect(cut.lrs.length).toBeLessThan(100)
    const { losses } = cut
    expect(losses.at(-1)! > 4 * Math.min(...losses) || !Number.isFinite(losses.at(-1)!)).toBe(true)
  })

  it('reads the curve in the ways asked for, each under its own name', async () => {
    using learn = toyLearner(await toyLoaders())
    const found = await learn.lrFind({ suggest: { valley, steep, minimum, gentle: slide() } })
    expectTypeOf(found.gentle).toEqualTypeOf<number>()
    expect(found.suggestions.map((s) => s.name)).toEqual(['valley', 'steep', 'minimum', 'gentle'])
    expect(found.valley).toBe(found.suggestions[0]!.lr)
    expect(found.lrs).toContain(found.valley)
    const usual = await learn.lrFind()
    expectTypeOf(usual.valley).toEqualTypeOf<number>()
    expect(usual.valley).toBe(found.valley)
    // @ts-expect-error not asked for
    expect(usual.steep).toBeUndefined()
    await expect(learn.lrFind({ suggest: { plot: valley } })).rejects.toThrow(
      "a suggestion cannot be called 'plot'",
    )
  })

  it('works on the smallest sets, without validation, and takes at least six steps', async () => {
    using learn = toyLearner(await toyLoaders({ train: 2, valid: 0, bs: 2 }))
    const before = fingerprint(learn)
    expect((await learn.lrFind()).lrs.length).toBeGreaterThan(20)
    await expect(learn.lrFind({ numIt: 1 })).rejects.toThrow(
      '6 steps are too few to read a rate from\n  → use more steps',
    )
    expect(fingerprint(learn)).toBe(before)
  })

  it('refuses rates that do not rise', async () => {
    using learn = toyLearner(await toyLoaders())
    await expect(learn.lrFind({ startLr: 0 })).rejects.toThrow(
      'startLr must be above 0 and below endLr, got 0 and 10',
    )
    await expect(learn.lrFind({ startLr: 1, endLr: 0.1 })).rejects.toThrow('got 1 and 0.1')
  })

  it('finds out what cannot be read, which a later fit would have found too', async () => {
    const run = async (find: boolean) => {
      using learn = toyLearner(
        await toyLoaders({
          train: 25,
          encode: (item) => {
            if (item === 'row 3') throw new SkipItem('torn')
            return features(item)
          },
        }),
      )
      if (find) await learn.lrFind({ numIt: 20 })
      await learn.fit(1, 1e-2)
      return [fingerprint(learn), ...learn.dls.train.skipped.keys()]
    }
    expect(await run(true)).toEqual(await run(false))
  })
})
