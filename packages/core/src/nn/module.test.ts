import { beforeAll, expect, expectTypeOf, it } from 'vitest'
import { useEngine } from '../engine/engine.js'
import * as tf from '../engine/tf.js'
import { readSafetensors, writeSafetensors } from '../io/safetensors.js'
import { loadStateDict, stateDict } from '../io/state-dict.js'
import { Identity, ReLU } from './activations.js'
import { BatchNorm } from './batch-norm.js'
import { Conv2d } from './conv2d.js'
import { Embedding } from './embedding.js'
import { Flatten } from './flatten.js'
import { Linear } from './linear.js'
import { buffer, Module, param } from './module.js'
import { Sequential, sequential } from './sequential.js'

beforeAll(async () => {
  await useEngine('cpu')
})

class Block extends Module<[tf.Tensor2D], tf.Tensor2D> {
  readonly linIn = new Linear(4, 4)
  readonly layers = [new Linear(4, 4, { bias: false }), new ReLU()]
  readonly scales = [param(tf.ones<tf.Rank.R1>([4])), param(tf.zeros<tf.Rank.R1>([4]))]
  readonly runningMax = buffer(tf.zeros<tf.Rank.R1>([4]))
  readonly missing: Linear | undefined = undefined

  forward(x: tf.Tensor2D): tf.Tensor2D {
    return this.linIn.forward(x)
  }
}

it('finds weights in fields and in lists of fields, and calls them by their path', () => {
  using block = new Block()
  expect([...block.weights()].map((w) => [w.path, w.name, w.variable.trainable])).toEqual([
    ['scales.0', 'scales.0', true],
    ['scales.1', 'scales.1', true],
    ['running_max', 'running_max', false],
    ['lin_in.weight', 'weight', true],
    ['lin_in.bias', 'bias', true],
    ['layers.0.weight', 'weight', true],
  ])
  expect([...block.modules()].map(([path]) => path)).toEqual(['', 'lin_in', 'layers.0', 'layers.1'])
  expect(block.parameters()).toHaveLength(5)
})

it('keeps the mode of a whole tree', () => {
  using net = sequential(new Linear(2, 2), new BatchNorm(2), new ReLU())
  const modes = () => [...net.modules()].map(([, m]) => m.training)
  expect(modes()).toEqual([true, true, true, true])
  expect(net.eval()).toBe(net)
  expect(modes()).toEqual([false, false, false, false])
  net.train()
  expect(modes()).toEqual([true, true, true, true])
})

it('gives its weights back once, however often it is disposed', () => {
  const before = tf.memory().numTensors
  const net = sequential(new Linear(2, 2), new BatchNorm(2))
  expect(tf.memory().numTensors).toBe(before + 6)
  net[Symbol.dispose]()
  net[Symbol.dispose]()
  expect(tf.memory().numTensors).toBe(before)
})

it('counts a module that is used in two places once, and saves it under both names', () => {
  const shared = new Linear(3, 3)
  using net = sequential(shared, new ReLU(), shared)
  expect(net.parameters()).toEqual([shared.weight, shared.bias])
  expect([...stateDict(net).keys()]).toEqual(['0.weight', '0.bias', '2.weight', '2.bias'])
})

it('goes through a state dict and back', () => {
  using one = sequential(new Linear(2, 3), new BatchNorm(3, { ndim: 1 }))
  using other = sequential(new Linear(2, 3), new BatchNorm(3, { ndim: 1 }))
  const norm = one.layers[1] as BatchNorm
  norm.batchesTracked = 7
  expect(loadStateDict(other, readSafetensors(writeSafetensors(stateDict(one))).tensors)).toEqual({
    missing: [],
    unexpected: [],
  })
  expect((other.layers[1] as BatchNorm).batchesTracked).toBe(7)
  expect((other.layers[0] as Linear).weight.dataSync()).toEqual((one.layers[0] as Linear).weight.dataSync())
})

it('chains only what fits, through layers that keep the rank', () => {
  using net = sequential(new Conv2d(1, 2, 3), new ReLU(), new Flatten(), new Linear(8, 2))
  expectTypeOf(net.forward).parameter(0).toEqualTypeOf<tf.Tensor4D>()
  expectTypeOf(net.forward).returns.toEqualTypeOf<tf.Tensor2D>()
  const y = tf.tidy(() => net.forward(tf.zeros([5, 4, 4, 1])).shape)
  expect(y).toEqual([5, 2])
  using deep = sequential(new Linear(2, 2), new BatchNorm(2), new ReLU(), new Identity(), new Linear(2, 1))
  expectTypeOf(deep).toEqualTypeOf<Sequential<[tf.Tensor2D], tf.Tensor2D>>()
  using unknown = sequential(new Embedding(2, 2), new Linear(2, 2))
  expectTypeOf(unknown.forward).returns.toEqualTypeOf<tf.Tensor2D>()
  // @ts-expect-error a linear layer takes no images
  using wrong = sequential(new Conv2d(1, 2, 3), new Linear(2, 2))
  // @ts-expect-error nor after an activation
  using alsoWrong = sequential(new Conv2d(1, 2, 3), new ReLU(), new Linear(2, 2))
  expect([wrong.layers.length, alsoWrong.layers.length]).toEqual([2, 3])
})

it('an empty sequence hands on its input; a slice has the same layers', () => {
  expect(new Sequential<[number], number>([]).forward(3)).toBe(3)
  using net = sequential(new Linear(2, 2), new ReLU(), new Linear(2, 1))
  const head = net.slice(1)
  expect(head.layers).toEqual(net.layers.slice(1))
  expect(head.layers[1]).toBe(net.layers[2])
})
