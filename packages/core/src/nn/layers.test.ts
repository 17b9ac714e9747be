import { beforeAll, describe, expect, it } from 'vitest'
import { useEngine } from '../engine/engine.js'
import * as tf from '../engine/tf.js'
import { ReLU6, Sigmoid, SigmoidRange, Tanh } from './activations.js'
import { type ConvLayerOptions, convLayer } from './conv-layer.js'
import { Conv2d } from './conv2d.js'
import { Embedding } from './embedding.js'
import { Flatten } from './flatten.js'
import { linBnDropLayers } from './lin-bn-drop.js'
import { Linear } from './linear.js'
import { AdaptiveConcatPool2d } from './pools.js'
import { SpectralNormConv2d, WeightNormConv2d } from './reparam-conv2d.js'

beforeAll(async () => {
  await useEngine('cpu')
})

const values = (t: tf.Tensor) => [...t.dataSync()].map((v) => Number(v.toFixed(4)))

describe('shapes that do not fit', () => {
  it('Linear names what it expected', () => {
    using linear = new Linear(3, 2)
    expect(() => tf.tidy(() => linear.forward(tf.ones([4, 5])))).toThrow(
      'Linear: expected 3 features, got [4,5]',
    )
  })

  it('Conv2d names the channels', () => {
    using conv = new Conv2d(3, 2, 3)
    expect(() => tf.tidy(() => conv.forward(tf.ones([1, 8, 8, 1])))).toThrow(
      'expected 3 input channels, got 1 (input [1,8,8,1], filter [3,3,3,2])',
    )
    expect(() => tf.tidy(() => conv.forward(tf.ones([1, 2, 8, 3])))).toThrow('smaller than the 3×3 kernel')
  })

  it('Embedding names the index, and what indices must be', () => {
    using embedding = new Embedding(4, 2)
    const look = (t: () => tf.Tensor) => tf.tidy(() => embedding.forward(t()).shape)
    expect(look(() => tf.zeros([2, 3], 'int32'))).toEqual([2, 3, 2])
    expect(() => look(() => tf.tensor1d([0, 4], 'int32'))).toThrow('index 4 is not one of the 4 rows')
    expect(() => look(() => tf.tensor1d([-1], 'int32'))).toThrow('index -1 is not one of the 4 rows')
    expect(() => look(() => tf.tensor1d([0.5]))).toThrow('indices must be int32, got float32')
  })
})

describe('activations', () => {
  it('bend as they should', () => {
    tf.tidy(() => {
      const x = tf.tensor1d([-1, 0, 7])
      expect(values(new ReLU6().forward(x))).toEqual([0, 0, 6])
      expect(values(new Sigmoid().forward(x))).toEqual([0.2689, 0.5, 0.9991])
      expect(values(new Tanh().forward(x))).toEqual([-0.7616, 0, 1])
      expect(values(new SigmoidRange(1, 3).forward(x))).toEqual([1.5379, 2, 2.9982])
    })
  })
})

describe('heads', () => {
  it('AdaptiveConcatPool2d puts the maximum before the mean', () => {
    tf.tidy(() => {
      const y = new AdaptiveConcatPool2d().forward(tf.tensor4d([1, 2, 3, 6], [1, 2, 2, 1]))
      expect(y.shape).toEqual([1, 1, 1, 2])
      expect(values(y)).toEqual([6, 3])
    })
  })

  it('Flatten keeps the batch', () => {
    expect(tf.tidy(() => new Flatten().forward(tf.ones([2, 3, 4, 5])).shape)).toEqual([2, 60])
  })

  it('linBnDrop orders its layers, and Linear has a bias only without norm', () => {
    const kinds = (options: Parameters<typeof linBnDropLayers>[2]) => {
      const layers = linBnDropLayers(2, 3, options)
      for (const l of layers) l[Symbol.dispose]()
      return layers.map((l) => l.kind + (l instanceof Linear ? ` ${l.bias ? 'with' : 'without'} bias` : ''))
    }
    const act = new ReLU6()
    expect(kinds({ p: 0.1, act })).toEqual(['BatchNorm1d', 'Dropout', 'Linear without bias', 'ReLU6'])
    expect(kinds({ p: 0.1, act, linFirst: true })).toEqual([
      'Linear without bias',
      'ReLU6',
      'BatchNorm1d',
      'Dropout',
    ])
    expect(kinds({ bn: false })).toEqual(['Linear with bias'])
  })
})

describe('convLayer', () => {
  const layersOf = (options: Parameters<typeof convLayer>[2]) => {
    using layer = convLayer(2, 4, options)
    const shape = tf.tidy(() => layer.forward(tf.zeros([2, 7, 7, 2])).shape)
    const conv = layer.layers[0] as Conv2d
    return { kinds: layer.layers.map((l) => l.kind), shape, bias: conv.bias !== undefined }
  }

  it('keeps the size, norms before the activation, and has a bias only without norm', () => {
    expect(layersOf({})).toEqual({
      kinds: ['Conv2d', 'BatchNorm2d', 'ReLU'],
      shape: [2, 7, 7, 4],
      bias: false,
    })
    expect(layersOf({ bn1st: false }).kinds).toEqual(['Conv2d', 'ReLU', 'BatchNorm2d'])
    expect(layersOf({ normType: null, act: null })).toEqual({
      kinds: ['Conv2d'],
      shape: [2, 7, 7, 4],
      bias: true,
    })
    expect(layersOf({ normType: 'instance', stride: 2 }).kinds[1]).toBe('InstanceNorm2d')
    expect(layersOf({ ks: [1, 5] }).shape).toEqual([2, 7, 7, 4])
    expect(layersOf({ transpose: true }).shape).toEqual([2, 9, 9, 4])
    expect(layersOf({ transpose: true, stride: 2, padding: 1, outputPadding: 1 }).shape).toEqual([
      2, 14, 14, 4,
    ])
    expect(layersOf({ xtra: new Tanh() }).kinds.at(-1)).toBe('Tanh')
  })

  it('runs over sequences as over images of one row', () => {
    for (const options of [
      { normType: 'instance', stride: 2 },
      { normType: 'weight' },
      { normType: 'spectral', act: null },
      { transpose: true, normType: null, stride: 2 },
      { transpose: true, normType: 'weight' },
      { transpose: true, normType: 'spectral' },
      { groups: 2, padding: 2, dilation: 2 },
    ] as const) {
      using line = convLayer(2, 4, { ...options, ndim: 1 })
      const { stride = 1, padding = options.transpose ? 0 : 1, dilation = 1 } = options as ConvLayerOptions
      using image = convLayer(2, 4, {
        ...options,
        ks: [1, 3],
        stride: [1, stride as number],
        padding: [0, padding as number],
        dilation: [1, dilation as number],
      })
      line.eval()
      image.eval()
      tf.tidy(() => {
        const weights = [...line.weights()]
        for (const [i, { variable }] of [...image.weights()].entries())
          variable.assign(tf.reshape(weights[i]!.variable, variable.shape))
        const x = tf.randomUniform<tf.Rank.R3>([2, 7, 2], -1, 1, 'float32', 7)
        const y = image.forward(tf.expandDims(x, 1) as tf.Tensor4D)
        expect(values(line.forward(x)), JSON.stringify(options)).toEqual(values(y))
      })
    }
  })

  it('starts the Zero norms at weight 0, and every norm at bias 1e-3', () => {
    for (const normType of ['batchZero', 'instanceZero'] as const) {
      using layer = convLayer(2, 3, { normType })
      const norm = layer.layers[1] as unknown as { weight: tf.Tensor; bias: tf.Tensor }
      expect(values(norm.weight)).toEqual([0, 0, 0])
      expect(values(norm.bias)).toEqual([0.001, 0.001, 0.001])
    }
  })
})

describe('reparametrized convolutions', () => {
  it('with weight norm start as the plain one with the same filters', () => {
    using conv = new WeightNormConv2d(2, 3, 3, { padding: 1 })
    using plain = new Conv2d(2, 3, 3, { padding: 1 })
    plain.weight.assign(conv.weightV)
    plain.bias!.assign(conv.bias!)
    tf.tidy(() => {
      const x = tf.randomUniform<tf.Rank.R4>([1, 5, 5, 2], -1, 1, 'float32', 7)
      const [a, b] = [values(conv.forward(x)), values(plain.forward(x))]
      expect(a.every((v, i) => Math.abs(v - b[i]!) < 1e-3)).toBe(true)
    })
  })

  it('with spectral norm have the largest singular value 1, after enough steps, and train it only in training', () => {
    using conv = new SpectralNormConv2d(2, 3, 1, { bias: false })
    tf.tidy(() => {
      conv.weightOrig.assign(tf.tensor4d([3, 0, 0, 0, 1, 0], [1, 1, 2, 3]))
      const x = tf.tensor4d([1, 0], [1, 1, 1, 2])
      for (let i = 0; i < 50; i++) conv.forward(x)
      const u = values(conv.weightU)
      expect(values(conv.forward(x))).toEqual([1, 0, 0])
      conv.eval()
      conv.forward(x)
      expect(values(conv.weightU)).toEqual(u)
    })
  })
})
