import { SkipItem } from '@espalier/data'
import { beforeAll, describe, expect, it } from 'vitest'
import { features, fingerprint, type ToyOptions, toyLearner, toyLoaders } from '../../test/toy.js'
import { type EngineName, useEngine } from '../engine/engine.js'
import * as tf from '../engine/tf.js'
import { accuracy } from '../metrics/accuracy.js'
import '../node/install.js'
import type { Callback } from './callback.js'

const engines: readonly EngineName[] = ['cpu', 'wasm']

describe.each(engines)('estimate on %s', (engine) => {
  beforeAll(async () => {
    await useEngine(engine)
  })

  it('leaves no trace', async () => {
    let [carried, loaded] = [0, 0]
    const carrying: Callback = {
      name: 'carrying',
      afterBatch: () => void carried++,
      saveState: () => ({ data: carried, tensors: {} }),
      loadState: ({ data }) => {
        carried = data as number
        loaded++
      },
    }
    using learn = toyLearner(await toyLoaders(), { metrics: [accuracy], cbs: [carrying] })
    await learn.fit(1, 1e-2)
    learn.freeze()
    await learn.fit(1, 1e-2)
    learn.model.eval()
    const before = () => [fingerprint(learn), tf.memory(), JSON.stringify(learn.recorder), carried]
    const was = before()
    await learn.estimate({ seconds: 0.05 })
    expect(before()).toEqual(was)
    expect(loaded).toBe(1)
  })

  it('before a fit changes nothing in it', async () => {
    const run = async (estimated: boolean) => {
      const encode = (item: string) => {
        if (item === 'row 3' || item === 'row 26') throw new SkipItem('torn')
        return features(item)
      }
      using learn = toyLearner(await toyLoaders({ encode }), { metrics: [accuracy] })
      if (estimated) await learn.estimate({ seconds: 0.05 })
      expect([learn.dls.train.skipped.size, learn.dls.valid.skipped.size]).toEqual([0, 0])
      await learn.fitOneCycle(2, 1e-2)
      return [fingerprint(learn), ...learn.recorder.rawLosses, ...learn.recorder.values]
    }
    expect(await run(true)).toEqual(await run(false))
  })
})

describe('estimate', () => {
  beforeAll(async () => {
    await useEngine('cpu')
  })

  it('leaves no trace when something throws on the way, in training or in validation', async () => {
    for (const event of ['afterBackward', 'beforeValidate'] as const) {
      const cbs = [{ name: 'mine', [event]: ({ phase }: { phase: string }) => oops(event, phase) }]
      using learn = toyLearner(await toyLoaders(), { cbs })
      const [before, tensors] = [fingerprint(learn), tf.memory().numTensors]
      await expect(learn.estimate({ seconds: 0.05 })).rejects.toThrow(
        `callback 'mine' failed in ${event}: oops`,
      )
      expect(fingerprint(learn)).toBe(before)
      expect(tf.memory().numTensors).toBe(tensors)
    }
    function oops(event: string, phase: string): void {
      if (event === 'afterBackward' || phase === 'validate') throw new Error('oops')
    }
  })

  it('counts what there is', async () => {
    using learn = toyLearner(await toyLoaders())
    const weights = learn.model.parameters().reduce((n, p) => n + 4 * p.size, 0)
    const e = await learn.estimate({ seconds: 0.05 })
    expect([e.batches, e.validBatches]).toEqual([3, 1])
    for (const time of [e.secondsPerStep, e.secondsPerLoad, e.secondsValid]) expect(time).toBeGreaterThan(0)
    expect(e.secondsPerEpoch).toBeGreaterThan(e.secondsValid)
    expect(e.tensorBytes).toBeGreaterThan(3 * weights) // Adam has two numbers more for each.
    expect(e.tensorBytes).toBeLessThan(100 * weights)
    expect(e.peakBytes).toBeGreaterThan(20 * 2 ** 20)
    expect(`${e}`).toMatch(
      /^an epoch takes about [\d.]+ m?s: 3 steps of [\d.]+ ms, and 1 batch of validation \([\d.]+ ms\); (.*; )?at most \d+ MiB of memory, of which 1 MiB are tensors$/,
    )
  })

  it.each([{ valid: 0 }, { train: 8 }, { train: 200, bs: 4 }])('of data %o', async (options: ToyOptions) => {
    using learn = toyLearner(await toyLoaders(options))
    const e = await learn.estimate({ seconds: 0.05 })
    expect(e.secondsPerEpoch).toBeGreaterThan(0)
    expect(e.secondsValid > 0).toBe(e.validBatches > 0)
    expect(`${e}`.includes('validation')).toBe(e.validBatches > 0)
  })

  it('tells the time of an epoch of which it has seen a part', async () => {
    const busy: Callback = {
      name: 'busy',
      afterBatch({ training }) {
        const end = performance.now() + (training ? 12 : 6)
        while (performance.now() < end);
      },
    }
    using learn = toyLearner(await toyLoaders({ train: 480, valid: 160 }), { cbs: [busy] })
    const e = await learn.estimate({ seconds: 0.2 })
    await learn.fit(1)
    const [real] = learn.recorder.seconds
    expect(e.secondsPerEpoch / real!).toBeGreaterThan(0.75)
    expect(e.secondsPerEpoch / real!).toBeLessThan(1.34)
    expect(e.secondsValid / (20 * 0.006)).toBeGreaterThan(0.9)
    expect(e.secondsPerStep).toBeGreaterThanOrEqual(0.012)
  })

  it('says when training waits for its data', async () => {
    const encode = (item: string) => {
      const end = performance.now() + 8
      while (performance.now() < end);
      return features(item)
    }
    using learn = toyLearner(await toyLoaders({ encode }))
    const e = await learn.estimate({ seconds: 0.4 })
    expect(`${e}`).toMatch(/training waits for its data: loading a batch takes \d+ ms/)
    expect(e.secondsPerLoad).toBeGreaterThan(0.05)
    expect(e.secondsPerEpoch).toBeGreaterThan(32 * 0.008)
  })

  it('refuses what it cannot work with', async () => {
    using learn = toyLearner(await toyLoaders())
    await expect(learn.estimate({ seconds: 0 })).rejects.toThrow('seconds must be a number above 0, got 0')
  })

  it('waits its turn', async () => {
    using learn = toyLearner(await toyLoaders())
    const fit = learn.fit(1)
    const [e] = await Promise.all([learn.estimate({ seconds: 0.05 }), fit])
    expect(e.batches).toBe(3)
    expect(learn.recorder.values).toHaveLength(1)
  })
})
