import { beforeAll, describe, expect, it } from 'vitest'
import { runFolder } from '../../test/run-folder.js'
import { fingerprint, type ToyLearner, toyLearner, toyLoaders, weightsOf } from '../../test/toy.js'
import { useEngine } from '../engine/engine.js'
import type { Callback } from '../learner/callback.js'
import { cancel } from '../learner/cancel.js'
import '../node/install.js'
import { emaWeights } from './ema-weights.js'
import { saveModel } from './save-model.js'

beforeAll(async () => {
  await useEngine('cpu')
})
const dir = runFolder()

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

  it.each(['average', 'trained'] as const)(
    'the best averages are what saveModel saves (final: %s)',
    async (final) => {
      const save = saveModel({ monitor: 'valid_loss', fname: `${dir()}/best` })
      using learn = toyLearner(await dls(), { cbs: [emaWeights({ decay: 0.6, final }), save] })
      await learn.fit(4, 0.05)
      expect((await learn.validate())['valid_loss']).toBe(save.best)
      expect(Math.min(...learn.recorder.values.map((row) => row[1]!))).toBe(save.best)
    },
  )

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
