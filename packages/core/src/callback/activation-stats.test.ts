import { beforeAll, expect, it } from 'vitest'
import { runWithCuts } from '../../test/cut-run.js'
import { runFolder } from '../../test/run-folder.js'
import { Mlp, toyLearner, toyLoaders } from '../../test/toy.js'
import { useEngine } from '../engine/engine.js'
import * as tf from '../engine/tf.js'
import type { Callback } from '../learner/callback.js'
import { Learner } from '../learner/learner.js'
import { activationOf } from './activation.js'
import { type ActivationStats, activationStats } from './activation-stats.js'
import '../node/install.js'

beforeAll(async () => {
  await useEngine('cpu')
})
const dir = runFolder()

it('numbers of an output as torch has them', () => {
  // What torch 2 gives for mean(), std(), (o <= .05).sum() / numel() and histc(40, 0, 10).
  const values = [-1, 0, 0.05, 0.1, 0.75, 2.5, 9.99, 10, 11]
  const tensor = tf.tensor(values)
  const a = activationOf([undefined, tensor], true)!
  tensor.dispose()
  expect(a.mean).toBeCloseTo(3.7100000381469727, 6)
  expect(a.std).toBeCloseTo(5.059004306793213, 6)
  expect(a.nearZero).toBeCloseTo(3 / 9, 12)
  const full = a.hist!.flatMap((n, bin) => (n > 0 ? [[bin, n]] : []))
  expect(full).toEqual([
    [0, 3],
    [3, 1],
    [10, 1],
    [39, 2],
  ])
  expect(activationOf('text')).toBeUndefined()
})

it('looks at every layer with parameters in each step of training, and changes nothing', async () => {
  const weights = async (cbs: readonly Callback[]) => {
    using learn = toyLearner(await toyLoaders())
    await learn.fit(2, 1e-2, { cbs })
    for (const [, m] of learn.model.modules()) expect(Object.hasOwn(m, 'forward')).toBe(false)
    return [...learn.model.weights()].map((w) => [...w.variable.dataSync()])
  }
  const stats = activationStats({ withHist: true })
  expect(await weights([stats])).toEqual(await weights([]))
  expect(stats.layers).toEqual(['hidden', 'norm', 'out'])
  expect(stats.steps).toEqual([0, 1, 2, 3, 4, 5])
  const { mean, std } = stats.layerStats('norm')
  // Fresh from batch norm with weight 1 and bias 0: 8 × 8 numbers.
  expect(mean[0]).toBeCloseTo(0, 5)
  expect(std[0]).toBeCloseTo(Math.sqrt(64 / 63), 3)
  expect(stats.layerStats(-1)).toEqual(stats.layerStats(2))
  expect(stats.hist('hidden')).toHaveLength(40)
  const counted = stats.hist(0).reduce((sum, row) => sum + Math.expm1(row[0]!), 0)
  const positive = counted / 64
  expect(positive).toBeGreaterThan(0.2)
  expect(positive).toBeLessThan(0.8)
})

it('looks at chosen modules every n-th step, not while a callback predicts', async () => {
  using learn = toyLearner(await toyLoaders())
  const stats = activationStats({ every: 2, modules: [learn.model, learn.model.act] })
  const peek: Callback = { name: 'peek', afterEpoch: async ({ learn }) => void (await learn.validate()) }
  await learn.fit(2, 1e-2, { cbs: [stats, peek] })
  await learn.with({ cbs: [stats] }, () => learn.lrFind({ numIt: 12 })) // Leaves no trace.
  expect(stats.layers).toEqual(['Mlp', 'act'])
  expect(stats.steps).toEqual([0, 2, 4])
  expect(stats.layerStats(1).nearZero.every((v) => v > 0.2 && v < 0.8)).toBe(true)
  expect(() => stats.hist(0)).toThrow('activationStats({ withHist: true })')
  expect(() => stats.layerStats(2)).toThrow(/no layer 2 was looked at.*there are 2/s)
  using other = new Mlp()
  await expect(learn.fit(1, 1e-2, { cbs: [activationStats({ modules: [other.out] })] })).rejects.toThrow(
    'a Linear is no part of this model',
  )
})

it('a layer that did not run leaves a gap', async () => {
  class Fickle extends Mlp {
    runs = 0
    override forward(x: tf.Tensor2D): tf.Tensor2D {
      return this.runs++ === 1
        ? this.out.forward(
            tf.relu(
              tf.pad(x, [
                [0, 0],
                [0, 4],
              ]),
            ) as tf.Tensor2D,
          )
        : super.forward(x)
    }
  }
  const dls = await toyLoaders()
  using learn = new Learner(dls, new Fickle(), { verbose: false })
  const stats = activationStats()
  await learn.fit(1, 1e-2, { cbs: [stats] })
  const gaps = (layer: string) => stats.layerStats(layer).mean.map(Number.isNaN)
  expect([gaps('hidden'), gaps('out')]).toEqual([
    [false, true, false],
    [false, false, false],
  ])
  expect(await stats.plotLayerStats('hidden').toSVG()).not.toContain('NaN')
})

it('the hooks are gone when a fit fails', async () => {
  using learn = toyLearner(await toyLoaders())
  const bad: Callback = {
    name: 'bad',
    order: -30,
    afterPred() {
      throw new Error('no')
    },
  }
  await expect(learn.fit(1, 1e-2, { cbs: [activationStats(), bad] })).rejects.toThrow('no')
  for (const [, m] of learn.model.modules()) expect(Object.hasOwn(m, 'forward')).toBe(false)
})

it('a run that was cut and went on has seen what a whole one has', async () => {
  const last: ActivationStats[] = []
  const cb = () => {
    last.push(activationStats({ withHist: true }))
    return last.at(-1)!
  }
  const seen = () => {
    const stats = last.at(-1)!
    return [stats.layers, stats.steps, stats.layerStats(0), stats.hist(2)]
  }
  await runWithCuts(`${dir()}-whole`, [], cb)
  const whole = seen()
  await runWithCuts(dir(), [6, 7, 10], cb)
  expect(seen()).toEqual(whole)
  expect(last.at(-1)!.steps).toHaveLength(8)
})

it('draws its numbers and its histograms', async () => {
  using learn = toyLearner(await toyLoaders())
  const stats = activationStats({ withHist: true })
  await learn.fit(2, 1e-2, { cbs: [stats] })
  const numbers = await stats.plotLayerStats('out').toSVG()
  for (const text of ['out', 'mean', 'standard deviation', 'fraction near zero'])
    expect(numbers).toContain(`>${text}<`)
  const colors = await stats.colorDim(-2).toSVG()
  for (const text of ['norm', 'step', 'activation', 'data:image/png;base64,']) expect(colors).toContain(text)
  const sharp = (await import('sharp')).default
  const { channels } = await sharp(await stats.colorDim(0).toPNG({ scale: 1 })).stats()
  expect(channels.every(({ stdev }) => stdev > 1)).toBe(true)
})
