import { beforeAll, describe, expect, it } from 'vitest'
import { toyLearner, toyLoaders, weightsOf } from '../../test/toy.js'
import { useEngine } from '../engine/engine.js'
import { chain } from '../optim/alias.js'
import { type HyperValue, lrSlice } from '../optim/hypers.js'
import { ranger } from '../optim/ranger.js'
import { sgdStep } from '../optim/steps.js'
import { schedCos, schedLin } from '../schedule/anneal.js'
import type { Callback } from './callback.js'
import { paramScheduler } from './param-scheduler.js'

beforeAll(async () => {
  await useEngine('cpu')
})

interface Step {
  readonly phase: string
  readonly epoch: number
  readonly frozen: number
  readonly lr: readonly number[]
  readonly wd: number
}

/** Writes down what each training step uses. */
function watch(): Callback & { readonly steps: Step[] } {
  const steps: Step[] = []
  return {
    name: 'watch',
    order: 65,
    steps,
    beforeStep({ learn: { opt }, phase, epoch }) {
      const lr = opt.hypers.map((h) => h['lr']!)
      steps.push({ phase, epoch, frozen: opt.frozenIdx, lr, wd: opt.hypers[0]!['wd']! })
    },
  }
}

const close = (got: readonly number[], want: readonly number[]) => {
  expect(got).toHaveLength(want.length)
  for (const [i, w] of want.entries())
    expect(Math.abs(got[i]! - w), `step ${i}: ${got[i]} for ${w}`).toBeLessThanOrEqual(1e-5 * w + 1e-12)
}
const last = (steps: readonly Step[]) => steps.map((s) => s.lr.at(-1)!)
const cosine = (from: number, to: number, pos: number) => schedCos(from, to)(pos)

describe('fitFlatCos', () => {
  it('keeps the rate for three quarters, then lets it fall', async () => {
    using learn = toyLearner(await toyLoaders({ train: 40 }), { optFunc: ranger() })
    const seen = watch()
    await learn.fitFlatCos(2, lrSlice(1e-4, 1e-2), { cbs: [seen] })
    const falling = [0.05, 0.15].map((past) => cosine(1e-2, 1e-7, past / 0.25))
    close(last(seen.steps), [...new Array(8).fill(1e-2), ...falling])
    close(
      seen.steps.map((s) => s.lr[0]! / s.lr[1]!),
      new Array(10).fill(1e-2),
    )
    expect(new Set(seen.steps.map((s) => s.phase))).toEqual(new Set(['fitFlatCos']))
    expect(Object.keys(learn.recorder.hps)).toEqual(['lr'])
    expect(learn.recorder.hps['lr']).toEqual(last(seen.steps))
  })

  it('takes the learner’s rate, its own shape, and begins in the middle', async () => {
    using learn = toyLearner(await toyLoaders(), { lr: 0.1 })
    const seen = watch()
    await learn.fitFlatCos(4, undefined, {
      cbs: [seen],
      pctStart: 0.5,
      divFinal: 10,
      startEpoch: 2,
      wd: 0.3,
      phase: 'mine',
    })
    close(
      last(seen.steps),
      [0, 1, 2, 3, 4, 5].map((i) => cosine(0.1, 0.01, i / 6)),
    )
    expect(seen.steps.map((s) => [s.phase, s.epoch, s.wd])).toEqual(
      [2, 2, 2, 3, 3, 3].map((epoch) => ['mine', epoch, 0.3]),
    )
  })

  it('refuses what makes no sense', async () => {
    using learn = toyLearner(await toyLoaders())
    await expect(learn.fitFlatCos(0.5)).rejects.toThrow('fitFlatCos: the number of epochs must be whole')
    await expect(learn.fitFlatCos(1, -1)).rejects.toThrow('lr must be a number ≥ 0, got -1')
    await expect(learn.fitFlatCos(1, [1, 2, 3])).rejects.toThrow('but there are 2 parameter groups')
    await expect(learn.fitFlatCos(1, 1, { pctStart: 1.5 })).rejects.toThrow(
      'pctStart must be a number from 0',
    )
    await expect(learn.fitFlatCos(1, 1, { divFinal: 0 })).rejects.toThrow('divFinal must be a number above 0')
    expect(learn.run.step).toBe(0)
  })
})

describe('fitSgdr', () => {
  it('lets the rate fall to 0 in cycles that grow', async () => {
    using learn = toyLearner(await toyLoaders())
    const seen = watch()
    await learn.fitSgdr(2, 1, lrSlice(0.1), { cbs: [seen] })
    const fall = (n: number) => Array.from({ length: n }, (_, i) => cosine(0.1, 0, i / n))
    close(last(seen.steps), [...fall(3), ...fall(6)])
    close(
      seen.steps.map((s) => s.lr[0]!),
      last(seen.steps).map((lr) => lr / 10),
    )
  })

  it('takes cycles that are all alike, whose shares do not sum to 1 in binary', async () => {
    using learn = toyLearner(await toyLoaders({ train: 8 }), { lr: 0.1 })
    const seen = watch()
    await learn.fitSgdr(6, 2, undefined, { cbs: [seen], cycleMult: 1, startEpoch: 3 })
    expect(seen.steps.map((s) => s.epoch)).toEqual([3, 4, 5, 6, 7, 8, 9, 10, 11])
    // In float32, which fastai reckons positions in, the last restart comes a step late.
    close(last(seen.steps), [0.05, 0.1, 0.05, 0.1, 0.05, 0.1, 0.05, 0, 0.05])
  })

  it('wants whole numbers', async () => {
    using learn = toyLearner(await toyLoaders())
    await expect(learn.fitSgdr(0, 1)).rejects.toThrow(
      'fitSgdr: nCycles must be a whole number from 1, got 0\n  → say learn.fitSgdr(3, 1)',
    )
    await expect(learn.fitSgdr(1, 0.5)).rejects.toThrow('cycleLen must be a whole number from 1, got 0.5')
    await expect(learn.fitSgdr(1, 1, 1, { cycleMult: Number.NaN })).rejects.toThrow('cycleMult must be')
    expect(learn.run.step).toBe(0)
  })
})

describe('fineTune', () => {
  const run = async (lr: HyperValue | undefined, options = {}) => {
    using learn = toyLearner(await toyLoaders())
    const seen = watch()
    await learn.fineTune(2, lr, { cbs: [seen], div: 4, ...options })
    return seen.steps
  }

  it('passes its options on to both fits, and tells them apart', async () => {
    const steps = await run(1e-2, { wd: 0.5, freezeEpochs: 2, resetOpt: true })
    expect(steps.map((s) => [s.phase, s.frozen, s.wd])).toEqual([
      ...new Array(6).fill(['fineTune frozen', 1, 0.5]),
      ...new Array(6).fill(['fineTune', 0, 0.5]),
    ])
    const named = await run(1e-2, { phase: 'pets' })
    expect(new Set(named.map((s) => s.phase))).toEqual(new Set(['pets frozen', 'pets']))
  })

  it('takes rates of groups as they are, then half of each', async () => {
    for (const [lr, frozen, free] of [
      [
        [1e-3, 1e-2],
        [1e-3, 1e-2],
        [5e-4, 5e-3],
      ],
      [lrSlice(1e-4, 1e-2), [1e-4, 1e-2], [5e-5, 5e-3]],
      [lrSlice(1e-2), [1e-3, 1e-2], [5e-4, 5e-3]],
      [undefined, [2e-4, 2e-3], [1e-5, 1e-3]],
    ] as const) {
      const steps = await run(lr)
      close(
        steps[0]!.lr,
        frozen.map((v) => v / 25),
      )
      close(
        steps[3]!.lr,
        free.map((v) => v / 4),
      )
    }
  })

  it('begins each of its fits in the middle, where it is that long', async () => {
    const steps = await run(1e-2, { freezeEpochs: 1, startEpoch: 1 })
    expect(steps.map((s) => [s.phase, s.epoch])).toEqual(new Array(3).fill(['fineTune', 1]))
  })

  it('refuses what makes no sense before anything is frozen', async () => {
    using learn = toyLearner(await toyLoaders())
    const wrong = (options: object) => expect(learn.fineTune(1, 1e-3, options)).rejects
    await wrong({ pctStart: 2 }).toThrow('pctStart must be a number from 0 to 1, got 2')
    await wrong({ div: 0 }).toThrow('div must be a number above 0, got 0')
    await wrong({ startEpoch: 2 }).toThrow('startEpoch must be a number from 0 to 1, got 2')
    await expect(learn.fineTune(1, [1e-3, -1])).rejects.toThrow('lr must be a number ≥ 0, got -1')
    expect(learn.opt.frozenIdx).toBe(0)
  })
})

describe('paramScheduler', () => {
  it('writes down every hyper-parameter that it sets, also of several', async () => {
    using learn = toyLearner(await toyLoaders())
    const seen = watch()
    const wd = paramScheduler({ wd: schedLin(0.3, 0), eps: [() => 1e-3, () => 1e-4] })
    await learn.fitOneCycle(1, 1e-2, { cbs: [wd, seen] })
    const { hps } = learn.recorder
    expect(Object.keys(hps)).toEqual(['lr', 'mom', 'wd', 'eps'])
    close(hps['wd']!, [0.3, 0.2, 0.1])
    expect(hps['eps']).toEqual([1e-4, 1e-4, 1e-4])
    expect(hps['lr']).toEqual(last(seen.steps))
    const svg = await learn.recorder.plotSched().toSVG()
    for (const title of ['learning rate', 'momentum', 'weight decay', 'eps']) expect(svg).toContain(title)
    await learn.fit(1)
    expect(learn.recorder.hps).toEqual({})
  })

  it('schedules the rate alone where the optimizer has no momentum', async () => {
    using learn = toyLearner(await toyLoaders(), { optFunc: chain([sgdStep()]) })
    await learn.fitOneCycle(1, 1e-2)
    expect(Object.keys(learn.recorder.hps)).toEqual(['lr'])
    expect(learn.opt.hypers[0]).not.toHaveProperty('mom')
  })

  it('refuses what no step reads, and what is no schedule', async () => {
    using learn = toyLearner(await toyLoaders())
    const before = weightsOf(learn)
    await expect(learn.fit(1, 1e-2, { cbs: [paramScheduler({ momentum: schedLin(0, 1) })] })).rejects.toThrow(
      "there is a schedule for 'momentum', which the optimizer has not\n  → it has wd, mom, sqrMom, eps, lr",
    )
    expect(weightsOf(learn)).toEqual(before)
    expect(() => paramScheduler({ lr: 1e-3 as never })).toThrow(
      'the schedule of lr must be a function, or a list of one for each group, got number 0.001',
    )
    expect(() => paramScheduler({ lr: [] })).toThrow('got []')
    expect(() => paramScheduler({})).toThrow('paramScheduler takes schedules by name, got {}')
    const three = paramScheduler({ lr: [1, 2, 3].map((v) => () => v) })
    await expect(learn.fit(1, 1e-2, { cbs: [three] })).rejects.toThrow('3 values for lr but there are 2')
    const nan = paramScheduler({ wd: () => Number.NaN })
    await expect(learn.fit(1, 1e-2, { cbs: [nan] })).rejects.toThrow('wd must be a number, got NaN')
  })
})
