import { beforeAll, expect, it } from 'vitest'
import { Mlp } from '../../test/toy.js'
import { useEngine } from '../engine/engine.js'
import * as tf from '../engine/tf.js'
import { ReLU } from './activations.js'
import { Conv2d } from './conv2d.js'
import { Dropout } from './dropout.js'
import { Flatten } from './flatten.js'
import { hookOutputs } from './hook-outputs.js'
import { Linear } from './linear.js'
import { inChannels, modelSizes } from './model-sizes.js'
import { Module } from './module.js'
import { AdaptiveAvgPool2d, MaxPool2d } from './pools.js'
import { Sequential } from './sequential.js'

beforeAll(async () => {
  await useEngine('cpu')
})

const run = (model: Mlp) => tf.tidy(() => Array.from(model.forward(tf.ones([2, 4])).dataSync()))

it('hears outputs, changes none, and leaves no trace', () => {
  using model = new Mlp().eval()
  const before = run(model)
  const heard: string[] = []
  {
    using hooks = hookOutputs([model.hidden, model, model.drop], (output, module, i) => {
      heard.push(`${i} ${module.kind}`)
      return (output as tf.Tensor).shape
    })
    expect(hooks.stored).toEqual([undefined, undefined, undefined])
    expect(run(model)).toEqual(before)
    expect(hooks.stored).toEqual([
      [2, 8],
      [2, 3],
      [2, 8],
    ])
    expect(heard).toEqual(['0 Linear', '2 Dropout', '1 Mlp'])
    expect([...model.weights()]).toHaveLength(8)
  }
  expect(run(model)).toEqual(before)
  expect(heard).toHaveLength(3)
  for (const m of [model, model.hidden, model.drop]) expect(Object.hasOwn(m, 'forward')).toBe(false)
})

it('several listeners come and go in any order', () => {
  using model = new Mlp().eval()
  const counts = [0, 0, 0]
  const [a, b, c] = counts.map((_, i) =>
    hookOutputs([model.out], () => {
      counts[i]!++
    }),
  ) as readonly Disposable[] as [Disposable, Disposable, Disposable]
  run(model)
  b[Symbol.dispose]()
  b[Symbol.dispose]()
  run(model)
  a[Symbol.dispose]()
  run(model)
  c[Symbol.dispose]()
  run(model)
  expect(counts).toEqual([2, 1, 3])
})

it('gives a module its own forward back, and goes where one fails', () => {
  class Own extends Module<[number], number> {
    override forward = (x: number) => {
      if (x < 0) throw new Error('negative')
      return x + 1
    }
  }
  const own = new Own()
  const { forward } = own
  {
    using hooks = hookOutputs<number>([own])
    expect([own.forward(1), hooks.stored]).toEqual([2, [2]])
    expect(() => own.forward(-1)).toThrow('negative')
  }
  expect(own.forward).toBe(forward)
})

it('shapes of the parts of a model', () => {
  using model = new Sequential([
    new Conv2d(3, 8, 3, { stride: 2, padding: 1 }),
    new ReLU(),
    new MaxPool2d(2),
    new AdaptiveAvgPool2d(),
    new Flatten(),
    new Dropout(),
    new Linear(8, 2),
  ])
  expect(inChannels(model)).toBe(3)
  const shapes = (size: number) => [
    [1, size / 2, size / 2, 8],
    [1, size / 2, size / 2, 8],
    [1, size / 4, size / 4, 8],
    [1, 1, 1, 8],
    [1, 8],
    [1, 8],
    [1, 2],
  ]
  expect(modelSizes(model)).toEqual(shapes(64))
  expect(modelSizes(model, { size: [32, 32] })).toEqual(shapes(32))
  expect(model.training && model.layers[5]!.training).toBe(true)
})

it('a model without filters does not say its channels', () => {
  using model = new Mlp()
  expect(() => modelSizes(model)).toThrow(/this Mlp has no filter.*modelSizes\(model, { nIn: 3 }\)/s)
})
