import { beforeAll, describe, expect, it } from 'vitest'
import { expectSlopes } from '../../test/expect-slopes.js'
import { useEngine } from '../engine/engine.js'
import { record } from '../engine/tape.js'
import * as tf from '../engine/tf.js'
import { convLayer } from './conv-layer.js'
import { Dropout2d } from './dropout2d.js'
import { LeakyReLU } from './leaky-relu.js'
import { setDropoutPlace } from './next-drops.js'
import { SpectralNormConv2d } from './reparam-conv2d.js'

beforeAll(async () => {
  await useEngine('cpu')
})

const sequence = (n: number, f: (i: number) => number) => Array.from({ length: n }, (_, i) => f(i))
const unit = (values: number[]) => values.map((v) => v / Math.hypot(...values))
const close = (t: tf.Tensor, expected: readonly number[]) => {
  const values = [...t.dataSync()]
  expect(values).toHaveLength(expected.length)
  for (const [i, v] of values.entries()) expect(v).toBeCloseTo(expected[i]!, 5)
}

// Three steps of torch 2 with torch.nn.utils.spectral_norm, and the gradient of the sum of squares after them.
const torch = [
  {
    transpose: false,
    xShape: [1, 2, 3, 3],
    y: [
      0.3412278, 0.8175124, 1.1001024, -0.7668509, -0.0922302, 1.277144, -0.6728492, -1.4061927, -0.1615775,
      0.4580923, -0.8160321, -0.6885447,
    ],
    u: [0.8153542, 0.3360018, -0.4714875],
    v: [-0.0189195, 0.5190521, -0.1148345, -0.4894602, 0.240963, 0.4273669, -0.3510911, -0.3368946],
    grad: [
      0.1494686, -1.8863788, 0.9358256, 2.0380208, -0.3396572, -1.8452038, 0.8680993, 1.044016, 2.3971355,
      0.5825675, -1.7759706, -1.2026651, -0.8225201, -2.9367085, 0.0189106, 2.0320802, 2.2113268, 2.1147013,
      -2.8391449, -3.0105715, -0.863943, -1.2393231, -0.44206, 1.2777141,
    ],
  },
  {
    transpose: true,
    xShape: [1, 2, 2, 2],
    y: [
      -0.1829936, -0.2929184, 0.4214273, 0.3772367, 0.2562447, 0.8160788, 0.3017974, -0.0043675, 0.4383674,
      0.4947032, -0.0740307, 0.1243316, -0.0566855, -0.7409498, -0.483915, -0.4228065, -0.7854161, -0.1951117,
      -0.0763583, -0.2957245, 0.3099132, 0.0045524, -0.0308971, 0.6894832, 0.4775079, 0.2204499, 0.6535686,
    ],
    u: [0.5554901, 0.6309499, 0.5416023],
    v: [0.2362907, 0.4066812, -0.341088, -0.3187865, 0.4455175, -0.2827795, -0.3726482, 0.3788066],
    grad: [
      -0.2907879, 0.1160117, 0.7093676, -0.0907823, 0.0257629, 0.1580194, 0.1893482, -0.4610656, 0.567044,
      0.3902113, -0.1486699, -0.479456, -0.3209583, -0.2025899, 0.1487565, -0.0648326, -0.9753214, -0.5501091,
      0.5124986, 0.1323293, -1.1261592, -0.5051706, 0.9911398, 0.5436924,
    ],
  },
]

describe('spectral norm', () => {
  it.each(torch)('is torch’s, transposed: $transpose', ({ transpose, xShape, ...expected }) => {
    using conv = new SpectralNormConv2d(2, 3, 2, { transpose })
    tf.tidy(() => {
      const shape = transpose ? [2, 3, 2, 2] : [3, 2, 2, 2]
      const weight = tf.tensor(
        sequence(24, (i) => Math.sin(1.7 * i)),
        shape,
      )
      const axes = [...conv.torchAxes('weightOrig')!]
      const ours = axes.map((_, i) => axes.indexOf(i))
      conv.weightOrig.assign(tf.transpose(weight, ours) as tf.Tensor4D)
      conv.bias!.assign(tf.tensor1d([0.1, -0.2, 0.3]))
      conv.weightU.assign(tf.tensor1d(unit(sequence(3, Math.cos))))
      conv.weightV.assign(tf.tensor1d(unit(sequence(8, (i) => Math.sin(1 + i)))))
      const values = sequence(
        xShape.reduce((a, b) => a * b),
        (i) => Math.cos(0.9 * i),
      )
      const x = tf.transpose(
        tf.tensor(values, [...xShape] as [number, number, number, number]),
        [0, 2, 3, 1],
      ) as tf.Tensor4D
      for (let i = 0; i < 2; i++) conv.forward(x)
      const { result, tape } = record(() => {
        const y = conv.forward(x)
        return { y, sum: tf.sum(tf.square(y)) }
      })
      const [grad] = tape.backward(result.sum, [conv.weightOrig])
      close(result.y, expected.y)
      close(conv.weightU, expected.u)
      close(conv.weightV, expected.v)
      close(tf.transpose(grad!, axes), expected.grad)
      conv.eval()
      close(conv.forward(x), expected.y)
      close(conv.weightU, expected.u)
    })
  })
})

describe('LeakyReLU', () => {
  it('lets a part of what is negative through', () => {
    tf.tidy(() => close(new LeakyReLU(0.2).forward(tf.tensor1d([-2, -0.5, 0, 3])), [-0.4, -0.1, 0, 3]))
    expectSlopes(new LeakyReLU(0.2), [2, 3, 3, 1], 1e-3)
    expect(String(new LeakyReLU(0.2))).toBe('LeakyReLU(negative_slope=0.2)')
    expect(() => new LeakyReLU(Number.NaN)).toThrow('the slope must be a number')
  })

  it('has the weights before it drawn as for a ReLU', () => {
    using layer = convLayer(8, 64, { normType: null, act: () => new LeakyReLU(0.2), biasStd: 0 })
    const bound = Math.sqrt(6 / 72)
    const [weight] = layer.parameters()
    const values = [...weight!.dataSync()].map(Math.abs)
    expect(Math.max(...values)).toBeLessThanOrEqual(bound)
    expect(Math.max(...values)).toBeGreaterThan(0.98 * bound)
  })
})

describe('Dropout2d', () => {
  it('drops whole channels of a picture, others of each', () => {
    setDropoutPlace(1, 2)
    tf.tidy(() => {
      const drop = new Dropout2d(0.4)
      const y = drop.forward(tf.ones<tf.Rank.R4>([16, 3, 2, 32]))
      const places = tf.reshape(y, [16, 6, 32])
      const [first, spread] = [
        tf.mean(places, 1).dataSync(),
        tf.max(tf.sub(tf.max(places, 1), tf.min(places, 1))),
      ]
      expect(spread.dataSync()[0]).toBe(0)
      const dropped = first.filter((v) => v === 0).length / first.length
      expect(dropped).toBeGreaterThan(0.33)
      expect(dropped).toBeLessThan(0.47)
      for (const v of first.filter((v) => v > 0)) expect(v).toBeCloseTo(1 / 0.6, 5)
      expect(drop.eval().forward(y)).toBe(y)
      expect(String(drop)).toBe('Dropout2d(p=0.4, inplace=False)')
      expect(() => new Dropout2d(2)).toThrow('p must be in [0, 1]')
    })
  })
})
