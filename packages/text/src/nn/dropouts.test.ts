import { Embedding, record, tf, useEngine } from '@espalier/core'
import { beforeAll, describe, expect, it } from 'vitest'
import { int2d } from '../../test/toy-lm.js'
import { EmbeddingDropout } from './embedding-dropout.js'
import { Lstm } from './lstm.js'
import { RNNDropout } from './rnn-dropout.js'
import { WeightDropout } from './weight-dropout.js'

beforeAll(async () => {
  await useEngine('cpu')
})

describe('RNNDropout', () => {
  it('drops the same features at every step of a row, others in other rows', () => {
    const layer = new RNNDropout(0.5)
    tf.tidy(() => {
      const y = layer.forward(tf.ones([2, 3, 64])).arraySync()
      expect(y[0]![0]).toEqual(y[0]![2])
      expect(y[0]![0]).not.toEqual(y[1]![0])
      layer.eval()
      expect(layer.forward(tf.ones([1, 1, 4])).dataSync()).toEqual(Float32Array.of(1, 1, 1, 1))
    })
    expect(() => new RNNDropout(1.5)).toThrow(/RNNDropout: p must be in \[0, 1\], got 1.5/)
  })
})

describe('EmbeddingDropout', () => {
  it('drops whole words wherever they occur', () => {
    const layer = new EmbeddingDropout(new Embedding(40, 2), 0.5)
    tf.tidy(() => {
      const words = int2d([Array.from({ length: 40 }, (_, i) => i)])
      const twice = tf.concat([words, words]) as tf.Tensor2D
      const [a, b] = layer.forward(twice).arraySync()
      expect(a).toEqual(b)
      expect(a!.filter(([v]) => v === 0).length).toBeGreaterThan(5)
      expect(a!.filter(([v]) => v !== 0).length).toBeGreaterThan(5)
    })
    layer[Symbol.dispose]()
  })

  it('gives padding its numbers, but no gradient', () => {
    const layer = new EmbeddingDropout(new Embedding(4, 2), 0)
    tf.tidy(() => {
      const words = int2d([[1, 2, 1, 3, 2]])
      const { result, tape } = record(() => {
        const y = layer.forward(words)
        return { y, loss: tf.sum(y) }
      })
      expect(result.y.arraySync()[0]![0]).toEqual(layer.emb.weight.arraySync()[1])
      const [grad] = tape.backward(result.loss, [layer.emb.weight])
      expect(grad!.arraySync()).toEqual([
        [0, 0],
        [0, 0],
        [2, 2],
        [1, 1],
      ])
    })
    layer[Symbol.dispose]()
  })
})

describe('WeightDropout', () => {
  it('takes the recurrent weight over, drops connections in training only', () => {
    const layer = new WeightDropout(new Lstm(3, 4), 0.5)
    expect([...layer.weights()].map((w) => w.path)).toEqual([
      'weight_hh_l0_raw',
      'module.weight_ih_l0',
      'module.bias_ih_l0',
      'module.bias_hh_l0',
    ])
    tf.tidy(() => {
      const run = () => [...layer.forward(tf.ones([1, 5, 3]), layer.start(1)).y.dataSync()]
      const [first, second] = [run(), run()]
      expect(first).not.toEqual(second)
      expect(first.slice(0, 4)).toEqual(second.slice(0, 4)) // The first step has nothing behind it.
      layer.eval()
      expect(run()).toEqual(run())
    })
    layer[Symbol.dispose]()
  })
})
