import { type AnyModule, stateDict, tf, torchShape, useEngine } from '@espalier/core'
import { beforeAll, describe, expect, it } from 'vitest'
import { basicCritic, ganCritic } from './critics.js'
import { basicGenerator } from './generators.js'

beforeAll(async () => {
  await useEngine('cpu')
})

/** Weights by name with torch's shapes. */
const weightsOf = (model: AnyModule) =>
  Object.fromEntries([...model.weights()].map((w) => [w.path, torchShape(w)]))
const count = (model: AnyModule) => model.parameters().reduce((n, p) => n + p.size, 0)
const shapeOf = (model: AnyModule, shape: number[]) => {
  let result: readonly number[] = []
  tf.tidy(() => {
    result = (model.forward(tf.zeros(shape) as never) as tf.Tensor).shape
  })
  return result
}

/** A norm layer of fastai's state dict. */
const norm = (path: string, n: number) =>
  Object.fromEntries(
    ['weight', 'bias', 'running_mean', 'running_var'].map((name) => [`${path}.${name}`, [n]]),
  )
/** A layer under spectral norm, with torch's shape of the filters. */
const spectral = (path: string, shape: number[], bias = true) => ({
  ...(bias && { [`${path}.bias`]: [shape[0]!] }),
  [`${path}.weight_orig`]: shape,
  [`${path}.weight_u`]: [shape[0]!],
  [`${path}.weight_v`]: [shape.slice(1).reduce((a, b) => a * b)],
})

// Names, shapes and numbers of weights as fastai 2.8.12 has them.
describe('networks of fastai', () => {
  it('ganCritic', () => {
    using critic = ganCritic({ nChannels: 1, nf: 16, nBlocks: 2, p: 0.1 })
    expect(count(critic)).toBe(176_113)
    expect(weightsOf(critic)).toEqual({
      ...spectral('0.0', [16, 1, 4, 4]),
      ...spectral('2.layers.0.0', [16, 16, 3, 3]),
      ...spectral('2.layers.1.0', [16, 16, 3, 3]),
      ...spectral('4.0', [64, 32, 4, 4]),
      '4.2.gamma': [1],
      ...spectral('4.2.query.0', [8, 64, 1], false),
      ...spectral('4.2.key.0', [8, 64, 1], false),
      ...spectral('4.2.value.0', [64, 64, 1], false),
      ...spectral('6.0', [128, 64, 4, 4]),
      ...spectral('7.0', [1, 128, 4, 4], false),
    })
    expect(String(critic).replace(/\s+/g, ' ')).toContain(
      '(0): ConvLayer( (0): Conv2d(1, 16, kernel_size=(4, 4), stride=(2, 2), padding=(1, 1)) (1): LeakyReLU(negative_slope=0.2) ) (1): Dropout2d(p=0.05, inplace=False)',
    )
    expect(shapeOf(critic, [2, 32, 32, 1])).toEqual([2, 1])
    expect(shapeOf(critic, [2, 64, 64, 1])).toEqual([2, 25])
  })

  it('basicCritic', () => {
    using critic = basicCritic(16, 1, { nFeatures: 8, nExtraLayers: 1 })
    expect(count(critic)).toBe(3065)
    expect(weightsOf(critic)).toEqual({
      '0.0.weight': [8, 1, 4, 4],
      '0.0.bias': [8],
      '1.0.weight': [8, 8, 3, 3],
      ...norm('1.1', 8),
      '2.0.weight': [16, 8, 4, 4],
      ...norm('2.1', 16),
      '3.weight': [1, 16, 4, 4],
      '3.bias': [1],
    })
    expect([...stateDict(critic).get('3.bias')!.data]).toEqual([0])
    expect(shapeOf(critic, [2, 16, 16, 1])).toEqual([2, 1])
    using full = basicCritic(64, 3)
    expect(count(full)).toBe(2_765_633)
  })

  it('basicGenerator', () => {
    using generator = basicGenerator(16, 1, { inSz: 10, nFeatures: 8, nExtraLayers: 1 })
    expect(count(generator)).toBe(5376)
    expect(weightsOf(generator)).toEqual({
      '1.0.weight': [10, 16, 4, 4],
      ...norm('1.1', 16),
      '2.0.weight': [16, 8, 4, 4],
      ...norm('2.1', 8),
      '3.0.weight': [8, 8, 3, 3],
      ...norm('3.1', 8),
      '4.weight': [8, 1, 4, 4],
    })
    expect(shapeOf(generator, [3, 10])).toEqual([3, 16, 16, 1])
    using full = basicGenerator(64, 3)
    expect(count(full)).toBe(3_576_704)
  })

  it('sizes that are none are refused', () => {
    expect(() => basicCritic(16.5, 1)).toThrow('basicCritic: inSize must be a whole number above 0, got 16.5')
    expect(() => basicGenerator(16, 0)).toThrow('nChannels must be')
    expect(() => ganCritic({ nBlocks: -1 })).toThrow('nBlocks must be')
  })
})
