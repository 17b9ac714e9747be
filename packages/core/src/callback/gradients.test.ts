import { beforeAll, describe, expect, it } from 'vitest'
import { toyLoaders, weightsOf } from '../../test/toy.js'
import { useEngine } from '../engine/engine.js'
import * as tf from '../engine/tf.js'
import type { Callback } from '../learner/callback.js'
import { Learner } from '../learner/learner.js'
import type { LearnerOptions } from '../learner/learner-options.js'
import { withSeed } from '../nn/init.js'
import { Linear } from '../nn/linear.js'
import { Module } from '../nn/module.js'
import { adam, sgd } from '../optim/alias.js'
import { gradientAccumulation } from './gradient-accumulation.js'
import { gradientClip } from './gradient-clip.js'

beforeAll(async () => {
  await useEngine('cpu')
})

/** No norm, no dropout: small batches see what a large one sees. */
class Plain extends Module<[tf.Tensor2D], tf.Tensor2D> {
  readonly a = new Linear(4, 5)
  readonly b = new Linear(5, 3)
  forward(x: tf.Tensor2D): tf.Tensor2D {
    return this.b.forward(tf.tanh(this.a.forward(x)))
  }
}

async function plain(bs: number, options: LearnerOptions<Plain> = {}): Promise<Learner<Plain>> {
  const dls = await toyLoaders({ train: 24, valid: 0, bs })
  const model = withSeed(3, () => new Plain())
  return new Learner(dls, model, { verbose: false, optFunc: sgd({ mom: 0.9 }), ...options })
}
const numbers = (learn: Learner<Plain>) => weightsOf(learn as never)

describe('gradientAccumulation', () => {
  it.each([
    ['sgd', sgd({ mom: 0.9, wd: 0.01 })],
    ['adam', adam()],
  ])('takes the steps of one large batch (%s)', async (_, optFunc) => {
    using large = await plain(12, { optFunc })
    using small = await plain(4, { optFunc, cbs: [gradientAccumulation(12)] })
    await large.fit(3, 0.05)
    await small.fit(3, 0.05)
    const want = numbers(large)
    for (const [i, w] of numbers(small).entries()) expect(w).toBeCloseTo(want[i]!, 5)
    expect(small.recorder.rawLosses).toHaveLength(18)
    const mean = (from: number) => small.recorder.rawLosses.slice(from, from + 3).reduce((a, b) => a + b) / 3
    expect(large.recorder.rawLosses).toEqual([0, 3, 6, 9, 12, 15].map((i) => expect.closeTo(mean(i), 5)))
  })

  it('logs the loss as it was, and steps only when enough samples were seen, also across epochs', async () => {
    const logged: number[] = []
    const steps: number[] = []
    const watch: Callback = {
      name: 'watch',
      order: 99,
      afterStep: ({ trainIter }) => void steps.push(trainIter),
      afterBatch: ({ loss, lossGrad }) => void logged.push(lossGrad!.dataSync()[0]! - loss!),
    }
    using learn = await plain(8, { cbs: [gradientAccumulation(16), watch] })
    await learn.fit(2, 0.05)
    expect(logged).toEqual(Array(6).fill(expect.closeTo(0, 6)))
    expect(steps).toEqual([1, 3, 5])
  })

  it('gives back what it holds, also when a fit fails in between', async () => {
    const cb = gradientAccumulation(1000)
    const broken: Callback = {
      name: 'broken',
      order: 99,
      afterBatch() {
        throw new Error('oops')
      },
    }
    using learn = await plain(8, { cbs: [cb] })
    const before = numbers(learn)
    await learn.fit(1, 0.05)
    expect(numbers(learn)).toEqual(before)
    await expect(learn.fit(1, 0.05, { cbs: [broken] })).rejects.toThrow('oops')
    expect(cb.saveState?.()).toEqual({ data: { count: 0 }, tensors: {} })
  })

  it('has the gradients clipped once they are whole', async () => {
    using large = await plain(24, { cbs: [gradientClip(0.01)] })
    using small = await plain(8, { cbs: [gradientClip(0.01), gradientAccumulation(24)] })
    await large.fit(1, 1)
    await small.fit(1, 1)
    const want = numbers(large)
    for (const [i, w] of numbers(small).entries()) expect(w).toBeCloseTo(want[i]!, 5)
  })

  it('refuses what is no number of samples', () => {
    expect(() => gradientAccumulation(0)).toThrow(
      'gradientAccumulation: nAcc must be a whole number from 1, got 0',
    )
  })
})

describe('gradientClip', () => {
  /** The p-norm of the step that a batch takes at rate 1. */
  async function stepNorm(cbs: readonly Callback[], p: number): Promise<number> {
    using learn = await plain(24, { optFunc: sgd(), cbs })
    const before = numbers(learn)
    await learn.fit(1, 1)
    const step = numbers(learn).map((w, i) => Math.abs(w - before[i]!))
    return p === Number.POSITIVE_INFINITY
      ? Math.max(...step)
      : step.reduce((sum, d) => sum + d ** p, 0) ** (1 / p)
  }

  it.each([2, 1, 3, Number.POSITIVE_INFINITY])('leaves no more than maxNorm in the %s-norm', async (p) => {
    const free = await stepNorm([], p)
    expect(await stepNorm([gradientClip(free / 4, p)], p)).toBeCloseTo(free / 4, 4)
    expect(await stepNorm([gradientClip(free * 4, p)], p)).toBeCloseTo(free, 5)
  })

  it('keeps the direction, and refuses norms that are none', async () => {
    expect(() => gradientClip(0)).toThrow('gradientClip: maxNorm must be a number above 0, got 0')
    expect(() => gradientClip(1, Number.NaN)).toThrow('normType must be a number above 0, got NaN')
    using free = await plain(24, { optFunc: sgd() })
    using clipped = await plain(24, { optFunc: sgd(), cbs: [gradientClip(0.01)] })
    const before = numbers(free)
    await free.fit(1, 1)
    await clipped.fit(1, 1)
    const direction = (learn: Learner<Plain>) => numbers(learn).map((w, i) => w - before[i]!)
    const [a, b] = [direction(free), direction(clipped)]
    const dot = (u: number[], v: number[]) => u.reduce((sum, x, i) => sum + x * v[i]!, 0)
    expect(dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b))).toBeCloseTo(1, 4)
  })
})
