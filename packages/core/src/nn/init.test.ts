import { beforeAll, describe, expect, it } from 'vitest'
import { useEngine } from '../engine/engine.js'
import * as tf from '../engine/tf.js'
import { applyInit } from './apply-init.js'
import { BatchNorm } from './batch-norm.js'
import { convLayer } from './conv-layer.js'
import { ConvTranspose2d } from './conv-transpose2d.js'
import { Conv2d } from './conv2d.js'
import { Embedding } from './embedding.js'
import {
  fanIn,
  fanOut,
  kaimingNormal,
  kaimingUniform,
  normal,
  setSeed,
  withoutInit,
  withSeed,
  xavierUniform,
} from './init.js'
import { Linear } from './linear.js'
import { sequential } from './sequential.js'

beforeAll(async () => {
  await useEngine('cpu')
  setSeed(42)
})

/** Mean, standard deviation and largest magnitude; the tensor is consumed. */
function stats(t: tf.Tensor): { mean: number; std: number; max: number } {
  const values = Float32Array.from(t.dataSync())
  t.dispose()
  const mean = values.reduce((a, b) => a + b, 0) / values.length
  const std = Math.sqrt(values.reduce((a, v) => a + (v - mean) ** 2, 0) / values.length)
  return { mean, std, max: values.reduce((a, v) => Math.max(a, Math.abs(v)), 0) }
}

const near = (got: number, want: number) => expect(Math.abs(got - want) / want).toBeLessThan(0.03)
const shape = [3, 3, 40, 80]

describe('draws', () => {
  it('count fans as torch does, over our layout', () => {
    expect(fanIn(shape)).toBe(360)
    expect(fanOut(shape)).toBe(720)
    expect([fanIn([5, 7]), fanOut([5, 7])]).toEqual([5, 7])
  })

  it('have the spread of their papers', () => {
    near(stats(normal(shape, 0.3)).std, 0.3)
    near(stats(kaimingNormal(shape)).std, Math.sqrt(2 / 360))
    const uniform = stats(kaimingUniform(shape))
    near(uniform.max, Math.sqrt(6 / 360))
    near(uniform.std, Math.sqrt(2 / 360))
    near(stats(xavierUniform(shape)).max, Math.sqrt(6 / 1080))
    expect(Math.abs(stats(kaimingNormal(shape)).mean)).toBeLessThan(1e-3)
  })

  it('of layers are those of torch', () => {
    using conv = new Conv2d(40, 80, 3)
    near(stats(tf.clone(conv.weight as tf.Tensor)).max, 1 / Math.sqrt(360))
    near(stats(tf.clone(conv.bias as tf.Tensor)).max, 1 / Math.sqrt(360))
    using up = new ConvTranspose2d(80, 40, 3)
    near(stats(tf.clone(up.weight as tf.Tensor)).max, 1 / Math.sqrt(360))
    using embedding = new Embedding(300, 50)
    near(stats(tf.clone(embedding.weight as tf.Tensor)).std, 1)
    using layer = convLayer(40, 80, { normType: null })
    near(stats(tf.clone((layer.layers[0] as Conv2d).weight as tf.Tensor)).max, Math.sqrt(6 / 360))
    expect(stats(tf.clone((layer.layers[0] as Conv2d).bias as tf.Tensor)).max).toBeLessThan(0.05)
  })
})

describe('seeds', () => {
  const weight = (make: () => Linear) => {
    using linear = make()
    return [...linear.weight.dataSync()]
  }
  const linear = () => weight(() => new Linear(3, 2))

  it('make the same weights in the same order', () => {
    setSeed(5)
    const [a, b] = [linear(), linear()]
    expect(b).not.toEqual(a)
    setSeed(5)
    expect([linear(), linear()]).toEqual([a, b])
    setSeed(6)
    expect(linear()).not.toEqual(a)
  })

  it('of a scope leave the running sequence as it was, also when something throws', () => {
    setSeed(5)
    linear()
    const second = linear()
    setSeed(5)
    linear()
    const inside = withSeed(9, linear)
    expect(() =>
      withSeed(9, () => {
        throw new Error('no')
      }),
    ).toThrow('no')
    expect(linear()).toEqual(second)
    expect(withSeed(9, linear)).toEqual(inside)
  })

  it('are not used up by modules whose weights are about to be loaded', () => {
    setSeed(5)
    const first = linear()
    setSeed(5)
    expect(withoutInit(linear)).toEqual([0, 0, 0, 0, 0, 0])
    expect(() =>
      withoutInit(() => {
        throw new Error('no')
      }),
    ).toThrow('no')
    expect(linear()).toEqual(first)
  })

  it('are not used up until what takes a while is done', async () => {
    setSeed(5)
    const first = linear()
    setSeed(5)
    const made = withoutInit(async () => {
      await Promise.resolve()
      return linear()
    })
    expect(await made).toEqual([0, 0, 0, 0, 0, 0])
    const failed = withoutInit(async () => {
      await Promise.resolve()
      throw new Error('no')
    })
    await expect(failed).rejects.toThrow('no')
    expect(linear()).toEqual(first)
  })
})

it('applyInit draws weights anew and zeroes biases, norm layers excepted', () => {
  using net = sequential(new Linear(50, 200), new BatchNorm(200, { initial: { weight: 3, bias: 4 } }))
  const [linear, norm] = net.layers as unknown as [Linear, BatchNorm]
  const before = [...linear.weight.dataSync()]
  applyInit(net)
  expect([...linear.weight.dataSync()]).not.toEqual(before)
  near(stats(tf.clone(linear.weight as tf.Tensor)).std, Math.sqrt(2 / 50))
  expect(new Set(linear.bias!.dataSync())).toEqual(new Set([0]))
  expect([norm.weight.dataSync()[0], norm.bias.dataSync()[0]]).toEqual([3, 4])
  applyInit(net, (s) => tf.fill([...s], 0.5))
  expect(new Set(linear.weight.dataSync())).toEqual(new Set([0.5]))
})
