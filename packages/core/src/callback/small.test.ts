import type { NdArray } from '@espalier/data'
import { beforeAll, describe, expect, it } from 'vitest'
import { told } from '../../test/scripted.js'
import { fingerprint, Mlp, type ToyLearner, toyLearner, toyLoaders, weightsOf } from '../../test/toy.js'
import { useEngine } from '../engine/engine.js'
import * as tf from '../engine/tf.js'
import type { Callback } from '../learner/callback.js'
import { cancel } from '../learner/cancel.js'
import { Learner } from '../learner/learner.js'
import { accuracy } from '../metrics/accuracy.js'
import { Module } from '../nn/module.js'
import '../node/install.js'
import { bnFreeze } from './bn-freeze.js'
import { emaWeights } from './ema-weights.js'
import { mcDropout } from './mc-dropout.js'
import { modelResetter } from './model-resetter.js'
import { shortEpoch } from './short-epoch.js'
import { terminateOnNaN } from './terminate-on-nan.js'

beforeAll(async () => {
  await useEngine('cpu')
})

describe('shortEpoch', () => {
  it.each([
    [0.4, {}, 4, 3, [undefined, undefined]],
    [0.4, { shortValid: false }, 4, 4, [undefined, expect.any(Number)]],
    [1, {}, 6, 4, [expect.any(Number), expect.any(Number)]],
    [0, {}, 1, 1, [undefined, undefined]],
  ])('leaves an epoch after %d of its batches %j', async (pct, options, train, valid, row) => {
    let [trained, validated] = [0, 0]
    const count: Callback = {
      name: 'count',
      afterPred(s) {
        if (s.training) trained++
        else validated++
      },
    }
    const dls = await toyLoaders({ train: 48, valid: 32 })
    using learn = toyLearner(dls, { cbs: [shortEpoch(pct, options), count] })
    await learn.fit(1)
    expect([trained, validated]).toEqual([train, valid])
    expect(learn.recorder.values).toEqual([row])
  })

  it('cuts neither predictions nor lrFind', async () => {
    using learn = toyLearner(await toyLoaders({ train: 48, valid: 32 }), { cbs: [shortEpoch(0.1)] })
    await learn.fit(1)
    expect((await learn.getPreds()).preds.shape).toEqual([32, 3])
    expect((await learn.lrFind({ numIt: 20, stopDiv: false })).losses).toHaveLength(20)
    expect(() => shortEpoch(2)).toThrow('shortEpoch: pct must be a number from 0 and up to 1, got 2')
  })
})

it('bnFreeze keeps the statistics of norms that do not train', async () => {
  const statistics = async (cbs: readonly Callback[], trainBn: boolean) => {
    using learn = toyLearner(await toyLoaders(), { trainBn, cbs })
    learn.freeze()
    await learn.fit(1, 0.1)
    return [...learn.model.norm.runningMean.dataSync()]
  }
  const zeros = new Array(8).fill(0)
  expect(await statistics([bnFreeze()], false)).toEqual(zeros)
  expect(await statistics([], false)).not.toEqual(zeros)
  expect(await statistics([bnFreeze()], true)).not.toEqual(zeros)
})

it('modelResetter lets every module forget that can', async () => {
  const heard: string[] = []
  class Carrying extends Module<[tf.Tensor2D], tf.Tensor2D> {
    readonly inner = new Mlp()
    forward(x: tf.Tensor2D): tf.Tensor2D {
      heard.push(this.training ? 'train' : 'valid')
      return this.inner.forward(x)
    }
    override reset(): void {
      heard.push('reset')
    }
  }
  const dls = await toyLoaders({ train: 8, valid: 8 })
  using learn = new Learner(dls, new Carrying(), { verbose: false, cbs: [modelResetter()] })
  await learn.fit(1)
  expect(heard).toEqual(['reset', 'reset', 'train', 'reset', 'valid', 'reset'])
})

describe('mcDropout', () => {
  const flat = (preds: NdArray) => [...preds.data]

  it('makes each pass drop something else, the same in each run, and leaves the model as it was', async () => {
    const passes = async () => {
      using learn = toyLearner(await toyLoaders({ valid: 16 }))
      const cbs = [mcDropout()]
      const one = flat((await learn.getPreds({ cbs })).preds)
      const two = flat((await learn.getPreds({ cbs })).preds)
      const plain = flat((await learn.getPreds()).preds)
      expect(learn.model.drop.training).toBe(true)
      await learn.fit(1, 0.01, { cbs })
      expect(learn.model.drop.training).toBe(false)
      return [one, two, plain]
    }
    const [one, two, plain] = await passes()
    expect(one).not.toEqual(two)
    expect(one).not.toEqual(plain)
    expect(await passes()).toEqual([one, two, plain])
  })

  it('does not change what is trained', async () => {
    const trained = async (cbs: readonly Callback[]) => {
      using learn = toyLearner(await toyLoaders(), { cbs })
      await learn.fit(2, 0.05)
      return weightsOf(learn)
    }
    expect(await trained([mcDropout()])).toEqual(await trained([]))
  })
})

describe('emaWeights', () => {
  const dls = () => toyLoaders({ train: 24, valid: 8 })
  const asToy = (learn: unknown) => learn as ToyLearner

  it('validates and ends with the averages, and trains on as if they were not', async () => {
    const [trained, validated]: number[][][] = [[], []]
    const watch = (seen: number[][], training: boolean): Callback => ({
      name: 'watch',
      order: 99,
      [training ? 'afterStep' : 'beforeValidate']: ({ learn }: { learn: unknown }) =>
        void seen.push(weightsOf(asToy(learn))),
    })
    using plain = toyLearner(await dls(), { cbs: [watch(trained!, true)] })
    const first = weightsOf(plain)
    await plain.fit(2, 0.05)
    const averaged: number[][] = []
    using ema = toyLearner(await dls(), {
      cbs: [emaWeights({ decay: 0.5 }), watch(averaged, true), watch(validated!, false)],
    })
    await ema.fit(2, 0.05)
    expect(averaged).toEqual(trained)
    let mean = first
    const means = trained!.map((weights, n) => {
      const keep = Math.min(0.5, (1 + n) / (10 + n))
      mean = mean.map((m, i) => m + (1 - keep) * (weights[i]! - m))
      return mean
    })
    for (const [got, want] of [
      [validated![0]!, means[2]!],
      [validated![1]!, means[5]!],
      [weightsOf(ema), means[5]!],
    ] as const) {
      for (const [i, w] of got.entries()) expect(w).toBeCloseTo(want[i]!, 4)
    }
    using back = toyLearner(await dls(), { cbs: [emaWeights({ decay: 0.5, final: 'trained' })] })
    await back.fit(2, 0.05)
    expect(fingerprint(back)).toBe(fingerprint(plain))
  })

  it('a step that was cancelled moves nothing, and a fit that fails leaves the trained weights', async () => {
    const skip: Callback = {
      name: 'skip',
      order: 20,
      beforeStep: ({ trainIter }) => {
        if (trainIter === 1) cancel('step')
      },
    }
    const broken: Callback = {
      name: 'broken',
      order: 99,
      afterValidate() {
        throw new Error('oops')
      },
    }
    using plain = toyLearner(await dls(), { cbs: [skip] })
    await plain.fit(1, 0.05)
    const ema = emaWeights({ decay: 0.5 })
    const counts: unknown[] = []
    const count: Callback = {
      name: 'count',
      order: 99,
      afterTrain: () => void counts.push(ema.saveState?.().data),
    }
    using failing = toyLearner(await dls(), { cbs: [skip, ema, count, broken] })
    await expect(failing.fit(1, 0.05)).rejects.toThrow('oops')
    expect(counts).toEqual([{ steps: 2 }])
    expect(weightsOf(failing)).toEqual(weightsOf(plain))
  })

  it('lrFind leaves no trace, and options are checked', async () => {
    const run = async (trial: boolean) => {
      using learn = toyLearner(await dls(), { cbs: [emaWeights()] })
      if (trial) await learn.lrFind({ numIt: 20, stopDiv: false })
      await learn.fit(1, 0.05)
      return fingerprint(learn)
    }
    expect(await run(true)).toBe(await run(false))
    expect(() => emaWeights({ decay: 1 })).toThrow(
      'emaWeights: decay must be a number from 0 and below 1, got 1',
    )
    expect(() => emaWeights({ final: 'best' as 'average' })).toThrow("say 'average' or 'trained'")
  })
})

describe('terminateOnNaN', () => {
  /** The loss is infinite at one step, and so is what norms then see. */
  const bad = (step: number, training = true): Callback => ({
    name: 'bad',
    beforeBatch(s) {
      if (s.training === training && (!training || s.trainIter === step)) {
        s.x = [tf.fill(s.x[0]!.shape, Number.NaN)]
      }
    },
  })

  it('ends the fit in place of the error, with the model as it was before that step', async () => {
    using short = toyLearner(await toyLoaders({ train: 16, valid: 8 }))
    await short.fit(1, 0.05)
    using learn = toyLearner(await toyLoaders({ train: 24, valid: 8, shuffle: false }), {
      cbs: [bad(2), terminateOnNaN()],
      metrics: [accuracy],
      verbose: true,
    })
    using same = toyLearner(await toyLoaders({ train: 24, valid: 8, shuffle: false }), {
      cbs: [{ name: 'stop', beforeBatch: (s) => (s.trainIter === 2 ? cancel('fit') : undefined) }],
    })
    const lines = await told(() => learn.with({ quiet: true }, () => learn.fit(3, 0.05)))
    await same.fit(3, 0.05)
    expect(lines).toEqual(['The loss is NaN (epoch 0, batch 2 of training): the fit ends'])
    expect(weightsOf(learn)).toEqual(weightsOf(same))
    expect(learn.recorder.values).toEqual([])
    expect(learn.model.norm.batchesTracked).toBe(2)
  })

  it('hears validation too, and the error is back without it', async () => {
    using learn = toyLearner(await toyLoaders(), { cbs: [bad(0, false)] })
    await learn.fit(3, 0.05, { cbs: [terminateOnNaN()] })
    expect(learn.recorder.values).toEqual([])
    using other = toyLearner(await toyLoaders(), { cbs: [bad(0)] })
    await expect(other.fit(1, 0.05)).rejects.toThrow('the loss is NaN at step 0')
  })
})
