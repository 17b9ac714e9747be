import { beforeAll, describe, expect, it } from 'vitest'
import { fingerprint, toyLearner, toyLoaders, weightsOf } from '../../test/toy.js'
import { useEngine } from '../engine/engine.js'
import { adam } from '../optim/alias.js'
import { lrSlice } from '../optim/hypers.js'
import type { Callback } from './callback.js'
import { paramScheduler } from './param-scheduler.js'

beforeAll(async () => {
  await useEngine('cpu')
})

/** Writes down what each training step uses. */
function watch(): Callback & { readonly steps: { lr: number[]; mom: number; wd: number; frozen: number }[] } {
  const steps: { lr: number[]; mom: number; wd: number; frozen: number }[] = []
  return {
    name: 'watch',
    order: 65,
    steps,
    beforeStep({ learn: { opt } }) {
      const h = opt.hypers
      steps.push({ lr: h.map((g) => g['lr']!), mom: h[0]!['mom']!, wd: h[0]!['wd']!, frozen: opt.frozenIdx })
    },
  }
}

const close = (got: readonly number[], want: readonly number[]) => {
  expect(got).toHaveLength(want.length)
  for (const [i, w] of want.entries()) expect(Math.abs(got[i]! / w - 1), `step ${i}`).toBeLessThan(1e-5)
}

describe('fit', () => {
  it('trains at the learner’s rate or a given one, and goes on with the same optimizer', async () => {
    using learn = toyLearner(await toyLoaders(), { lr: lrSlice(1e-2), wd: 0.3 })
    const seen = watch()
    await learn.fit(1, undefined, { cbs: [seen] })
    await learn.fit(1, 5e-3, { cbs: [seen], wd: 0.1 })
    expect(seen.steps.map((s) => s.lr)).toEqual([
      ...new Array(3).fill([1e-3, 1e-2]),
      ...new Array(3).fill([5e-3, 5e-3]),
    ])
    expect(seen.steps.map((s) => s.wd)).toEqual([0.3, 0.3, 0.3, 0.1, 0.1, 0.1])
    expect(learn.opt.state.get(learn.model.out.weight)!.count).toBe(6)
    expect(learn.run).toEqual({ seed: 42, step: 6, epoch: 2, fit: 2 })
  })

  it('is the same twice, and another with another seed or order', async () => {
    const run = async (seed: number, orderSeed = 42) => {
      using learn = toyLearner(await toyLoaders({ seed: orderSeed }), { seed })
      await learn.fit(2, 1e-2)
      return fingerprint(learn)
    }
    const once = await run(1)
    expect(await run(1)).toBe(once)
    expect(await run(2)).not.toBe(once)
    expect(await run(1, 43)).not.toBe(once)
  })

  it('visits the samples in another order in every epoch, across fits', async () => {
    using learn = toyLearner(await toyLoaders())
    const seen: number[][] = [[]]
    const cb: Callback = {
      name: 'order',
      runValid: false,
      beforeBatch: ({ batch }) => void seen.at(-1)!.push(...batch.indices),
      afterTrain: () => void seen.push([]),
    }
    await learn.fit(2, 1e-3, { cbs: [cb] })
    await learn.fit(1, 1e-3, { cbs: [cb] })
    expect(seen.slice(0, 3)).toEqual([0, 1, 2].map((epoch) => learn.dls.train.order(epoch)))
  })

  it('with a fresh optimizer forgets what it knew, but not what is frozen', async () => {
    using learn = toyLearner(await toyLoaders())
    learn.freeze()
    await learn.fit(1, 1e-2)
    const body = [...learn.model.hidden.weight.dataSync()]
    await learn.fit(1, 1e-2, { resetOpt: true })
    expect(learn.opt.state.get(learn.model.out.weight)!.count).toBe(3)
    expect(learn.opt.frozenIdx).toBe(1)
    expect([...learn.model.hidden.weight.dataSync()]).toEqual(body)
  })

  it('has nothing to train on: an error, not an endless or an empty fit', async () => {
    const dls = await toyLoaders()
    const empty = dls.datasets.over([])
    using learn = toyLearner(
      Object.assign(dls.with({}), {
        train: dls.train.with({}, empty.train),
        valid: dls.valid.with({}, empty.valid),
      }),
    )
    await expect(learn.fit(1)).rejects.toThrow('there are no training items')
    await expect(learn.lrFind()).rejects.toThrow('there are no training items')
  })
})

describe('freezing', () => {
  it('keeps frozen weights, trains the norm layers in them, and forgets the averages', async () => {
    using learn = toyLearner(await toyLoaders())
    await learn.fit(1, 1e-2)
    const [hidden, norm] = [
      [...learn.model.hidden.weight.dataSync()],
      [...learn.model.norm.weight.dataSync()],
    ]
    const mean = [...learn.model.norm.runningMean.dataSync()]
    learn.freeze()
    expect(learn.opt.state.size).toBe(0)
    await learn.fit(1, 1e-2)
    expect([...learn.model.hidden.weight.dataSync()]).toEqual(hidden)
    expect([...learn.model.norm.weight.dataSync()]).not.toEqual(norm)
    expect([...learn.model.norm.runningMean.dataSync()]).not.toEqual(mean)
    learn.unfreeze()
    await learn.fit(1, 1e-2)
    expect([...learn.model.hidden.weight.dataSync()]).not.toEqual(hidden)
  })

  it('keeps norm layers too with trainBn: false', async () => {
    using learn = toyLearner(await toyLoaders(), { trainBn: false })
    learn.freeze()
    const norm = [...learn.model.norm.weight.dataSync()]
    await learn.fit(1, 1e-2)
    expect([...learn.model.norm.weight.dataSync()]).toEqual(norm)
  })

  it('decays neither norm layers nor biases unless told to', async () => {
    using learn = toyLearner(await toyLoaders())
    const { hidden, norm, out } = learn.model
    expect(new Set(learn.opt.noDecay)).toEqual(new Set([hidden.bias, norm.weight, norm.bias, out.bias]))
    using all = toyLearner(await toyLoaders(), { wdBnBias: true })
    expect(all.opt.noDecay.size).toBe(0)
  })
})

describe('schedules', () => {
  it('fitOneCycle follows fastai’s cosines in rate and momentum', async () => {
    using learn = toyLearner(await toyLoaders({ train: 40 }))
    const seen = watch()
    await learn.fitOneCycle(2, 1e-3, { cbs: [seen] })
    close(
      seen.steps.map((s) => s.lr[1]!),
      [
        4e-5, 3.71671843e-4, 9.08328157e-4, 9.8907391e-4, 9.04509452e-4, 7.500025e-4, 5.52268709e-4,
        3.45498048e-4, 1.65443042e-4, 4.32368389e-5,
      ],
    )
    close(
      seen.steps.map((s) => s.mom),
      [
        0.95, 0.91545085, 0.85954915, 0.85109262, 0.85954915, 0.875, 0.894773577, 0.91545085, 0.93345653,
        0.945677273,
      ],
    )
    close(
      learn.recorder.lrs,
      seen.steps.map((s) => s.lr[1]!),
    )
  })

  it('fitOneCycle takes a rate per group', async () => {
    using learn = toyLearner(await toyLoaders())
    const seen = watch()
    await learn.fitOneCycle(1, lrSlice(1e-5, 1e-3), {
      cbs: [seen],
      div: 10,
      pctStart: 0.5,
      moms: [0.8, 0.7, 0.8],
    })
    close(seen.steps[0]!.lr, [1e-6, 1e-4])
    expect(seen.steps[0]!.mom).toBe(0.8)
    await expect(learn.fitOneCycle(1, [1, 2, 3])).rejects.toThrow(
      '3 values for lr but there are 2 parameter groups',
    )
  })

  it('fineTune trains the head, then everything at half the rate, a hundredth of it in front', async () => {
    using learn = toyLearner(await toyLoaders())
    const seen = watch()
    await learn.fineTune(2, 1e-2, { cbs: [seen], freezeEpochs: 1 })
    expect(seen.steps.map((s) => s.frozen)).toEqual([1, 1, 1, 0, 0, 0, 0, 0, 0])
    const [frozen, free] = [seen.steps.slice(0, 3), seen.steps.slice(3)]
    close(frozen[0]!.lr, [1e-3 / 25, 1e-2 / 25])
    close(free[0]!.lr, [5e-5 / 5, 5e-3 / 5])
    // pct_start 0.99: still rising at two thirds; 0.3 of six steps: past the top at the third.
    expect(frozen[2]!.lr[1]).toBeGreaterThan(frozen[1]!.lr[1]!)
    expect(Math.max(...free.map((s) => s.lr[1]!))).toBe(free[2]!.lr[1])
  })

  it('fineTune with a fresh optimizer keeps the body frozen at first', async () => {
    using learn = toyLearner(await toyLoaders())
    const seen = watch()
    await learn.fineTune(1, 1e-2, { cbs: [seen], resetOpt: true })
    expect(seen.steps.map((s) => s.frozen)).toEqual([1, 1, 1, 0, 0, 0])
  })

  it('any hyper-parameter can be scheduled, for all groups or each', async () => {
    using learn = toyLearner(await toyLoaders(), { optFunc: adam({ wd: 0 }) })
    const seen = watch()
    const cb = paramScheduler({ wd: (pos) => pos, lr: [() => 1e-3, (pos) => 1e-2 * (1 - pos)] })
    await learn.fit(1, 1, { cbs: [cb, seen] })
    close(seen.steps.map((s) => s.wd).slice(1), [1 / 3, 2 / 3])
    close(
      seen.steps.map((s) => s.lr[1]!),
      [1e-2, 2e-2 / 3, 1e-2 / 3],
    )
    expect(weightsOf(learn).every(Number.isFinite)).toBe(true)
  })
})
