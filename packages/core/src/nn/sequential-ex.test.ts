import { beforeAll, describe, expect, it } from 'vitest'
import { drawn, expectSlopes, numbers, run } from '../../test/expect-slopes.js'
import { useEngine } from '../engine/engine.js'
import * as tf from '../engine/tf.js'
import { Identity } from './activations.js'
import { convLayer } from './conv-layer.js'
import { MergeLayer } from './merge-layer.js'
import { Module } from './module.js'
import { poolFlatten } from './pool-flatten.js'
import { ProdLayer } from './prod-layer.js'
import { Sequential } from './sequential.js'
import { SequentialEx, type TakesOrig } from './sequential-ex.js'
import { simpleCnn } from './simple-cnn.js'

beforeAll(async () => {
  await useEngine('cpu')
})

class Minus extends Module<[tf.Tensor4D, tf.Tensor4D], tf.Tensor4D> implements TakesOrig {
  readonly takesOrig = true

  forward(x: tf.Tensor4D, orig: tf.Tensor4D): tf.Tensor4D {
    return tf.sub(x, orig)
  }
}

describe('SequentialEx', () => {
  it('gives what went in to the layers that ask for it, of the user’s own too', () => {
    tf.tidy(() => {
      const x = tf.tensor4d([1, 2], [1, 1, 1, 2])
      const of = (...layers: ConstructorParameters<typeof SequentialEx>[0]) =>
        numbers(run(new SequentialEx(layers), x))
      expect(of(new Identity(), new MergeLayer())).toEqual([2, 4])
      expect(of(new MergeLayer(), new ProdLayer())).toEqual([2, 8])
      expect(of(new MergeLayer(true))).toEqual([1, 2, 1, 2])
      expect(of(new MergeLayer(), new Minus())).toEqual([1, 2])
    })
  })

  it('has the gradient that finite differences find', () => {
    using block = new SequentialEx([convLayer(3, 3), new MergeLayer(true)])
    block.eval()
    expectSlopes(block, [2, 4, 4, 3])
  })
})

describe('Sequential with names', () => {
  it('calls its layers by them, and keeps them in a part of it', () => {
    using net = new Sequential([convLayer(3, 4), new Identity()], 'Named', ['conv0', 'id'])
    expect([...net.weights()].map((w) => w.path)[0]).toBe('conv0.0.weight')
    expect([...net.slice(1).children()].map(([name]) => name)).toEqual(['id'])
    expect(String(net)).toContain('(id): Identity()')
  })
})

describe('simpleCnn', () => {
  it('ends in as many numbers as it has last filters', () => {
    using net = simpleCnn([3, 4, 7])
    expect(tf.tidy(() => net.forward(drawn([2, 16, 17, 3])).shape)).toEqual([2, 7])
    expect(() => simpleCnn([3])).toThrow('simpleCnn: 1 filters need 1 kernels and strides')
    expect(() => simpleCnn([3, 4], { strides: [1, 2] })).toThrow('say simpleCnn([3, 16, 10])')
  })

  it('poolFlatten keeps the mean, the maximum or both', () => {
    tf.tidy(() => {
      const x = tf.tensor4d([1, 2, 3, 6], [1, 2, 2, 1])
      const of = (...args: Parameters<typeof poolFlatten>) => numbers(poolFlatten(...args).forward(x))
      expect([of(), of('max'), of('cat')]).toEqual([[3], [6], [6, 3]])
    })
  })
})
