import { Random } from '@espalier/data'
import { beforeAll, describe, expect, it } from 'vitest'
import { useEngine } from '../engine/engine.js'
import { record } from '../engine/tape.js'
import * as tf from '../engine/tf.js'
import { stateDict } from '../io/state-dict.js'
import { resizeNearest } from '../kernels/resize.js'
import { convLayer } from './conv-layer.js'
import { icnrInit } from './icnr-init.js'
import type { AnyModule } from './module.js'
import { PixelShuffle } from './pixel-shuffle.js'
import { pixelShuffleIcnr } from './pixel-shuffle-icnr.js'
import { ReplicationPad2d } from './replication-pad2d.js'
import { SelfAttention } from './self-attention.js'
import { Sequential } from './sequential.js'
import { Upsample } from './upsample.js'

beforeAll(async () => {
  await useEngine('cpu')
})

const drawn = (shape: number[], seed = 1) => {
  const random = new Random(seed, 'up-sampling')
  const size = shape.reduce((a, b) => a * b)
  return tf.tensor4d(
    Float32Array.from({ length: size }, () => random.normal()),
    shape as [number, number, number, number],
  )
}
const numbers = (t: tf.Tensor) => [...t.dataSync()]
const run = (module: AnyModule, x: tf.Tensor) => module.forward(x as never) as tf.Tensor4D

/** Compares the slopes of sum(y·r) in the input and in every weight with those of lines through two points. */
function expectSlopes(module: AnyModule, shape: number[]): void {
  tf.tidy(() => {
    const x = tf.variable(drawn(shape))
    const r = drawn(run(module, x).shape, 2)
    const value = () => tf.sum(tf.mul(run(module, x), r))
    const variables: tf.Variable[] = [x, ...module.parameters()]
    const { result, tape } = record(value)
    for (const [i, grad] of tape.backward(result, variables).entries()) {
      const slopes = numbers(grad!)
      const v = variables[i]!
      const at = numbers(v)
      const scale = Math.max(...slopes.map(Math.abs), 1e-2)
      // A few places of each weight will do.
      for (let k = 0; k < at.length; k += Math.ceil(at.length / 6)) {
        const moved = (by: number) => {
          v.assign(
            tf.tensor(
              Float32Array.from(at, (a, j) => (j === k ? a + by : a)),
              v.shape,
            ),
          )
          return numbers(value())[0]!
        }
        const slope = (moved(1e-2) - moved(-1e-2)) / 2e-2
        expect(Math.abs(slope - slopes[k]!), `weight ${i} place ${k}`).toBeLessThan(2e-2 * scale + 2e-3)
        v.assign(tf.tensor(Float32Array.from(at), v.shape))
      }
    }
    x.dispose()
  })
}

describe('pixelShuffleIcnr', () => {
  it.each([2, 3])('begins as nearest up-sampling, %i times', (scale) => {
    using up = pixelShuffleIcnr(5, 4, { scale, normType: null, act: null })
    tf.tidy(() => {
      const x = drawn([2, 3, 4, 5])
      const y = run(up, x)
      expect(y.shape).toEqual([2, 3 * scale, 4 * scale, 4])
      const one = tf.slice(y, [0, 0, 0, 0], [2, 1, 1, 4])
      expect(numbers(tf.slice(y, [0, scale - 1, scale - 1, 0], [2, 1, 1, 4]))).toEqual(numbers(one))
      // Every pixel of a group is the group's first.
      const first = tf.stridedSlice(y, [0, 0, 0, 0], y.shape, [1, scale, scale, 1]) as tf.Tensor4D
      expect(numbers(y)).toEqual(numbers(resizeNearest(first, [3 * scale, 4 * scale])))
      expect(new Set(numbers(first)).size).toBeGreaterThan(10)
    })
  })

  it.each(['weight', 'spectral', 'batch'] as const)('also with %s norm', (normType) => {
    using up = pixelShuffleIcnr(3, 2, { normType })
    up.eval()
    tf.tidy(() => {
      const y = run(up, drawn([1, 2, 2, 3]))
      const first = tf.stridedSlice(y, [0, 0, 0, 0], y.shape, [1, 2, 2, 1]) as tf.Tensor4D
      expect(numbers(y)).toEqual(numbers(resizeNearest(first, [4, 4])))
    })
  })

  it('blurs with the pixels to the left and above', () => {
    using plain = pixelShuffleIcnr(2, 1, { normType: null })
    using blurred = pixelShuffleIcnr(2, 1, { normType: null, blur: true })
    for (const [i, v] of plain.parameters().entries()) blurred.parameters()[i]!.assign(v)
    tf.tidy(() => {
      const x = drawn([1, 2, 2, 2])
      const [a, b] = [run(plain, x), run(blurred, x)].map((t) => t.arraySync() as number[][][][])
      const at = (y: number, z: number) => a![0]![Math.max(0, y)]![Math.max(0, z)]![0]!
      for (let y = 0; y < 4; y++) {
        for (let z = 0; z < 4; z++) {
          const mean = (at(y, z) + at(y - 1, z) + at(y, z - 1) + at(y - 1, z - 1)) / 4
          expect(b![0]![y]![z]![0]).toBeCloseTo(mean, 5)
        }
      }
    })
  })

  it('is printed and named as in fastai', () => {
    using up = pixelShuffleIcnr(3, 2, { blur: true })
    expect(String(up)).toBe(`PixelShuffle_ICNR(
  (0): ConvLayer(
    (0): Conv2d(3, 8, kernel_size=(1, 1), stride=(1, 1))
    (1): ReLU()
  )
  (1): PixelShuffle(upscale_factor=2)
  (2): ReplicationPad2d((1, 0, 1, 0))
  (3): AvgPool2d(kernel_size=2, stride=1, padding=0)
)`)
    expect([...stateDict(up).keys()]).toEqual(['0.0.bias', '0.0.weight_g', '0.0.weight_v'])
  })
})

it('icnrInit refuses outputs that do not divide', () => {
  expect(() => icnrInit([1, 1, 3, 10], 2)).toThrow(
    'icnrInit: filters [1,1,3,10] do not divide into groups of 2² outputs\n  → the last of the four sizes',
  )
})

describe('Upsample', () => {
  const x = () => tf.tensor4d([1, 2, 3, 4], [1, 2, 2, 1])

  it('repeats pixels, or reads between them, with the numbers of torch', () => {
    tf.tidy(() => {
      expect(numbers(new Upsample(2).forward(x()))).toEqual([1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4])
      const bilinear = new Upsample(2, { mode: 'bilinear' }).forward(x())
      expect(numbers(bilinear)).toEqual([
        1, 1.25, 1.75, 2, 1.5, 1.75, 2.25, 2.5, 2.5, 2.75, 3.25, 3.5, 3, 3.25, 3.75, 4,
      ])
      const corners = new Upsample(1.5, { mode: 'bilinear', alignCorners: true }).forward(x())
      expect(numbers(corners)).toEqual([1, 1.5, 2, 2, 2.5, 3, 3, 3.5, 4])
    })
    expect(String(new Upsample(2))).toBe("Upsample(scale_factor=2.0, mode='nearest')")
  })

  it('makes a head for masks, with convolutions between, or with transposed ones', () => {
    using head = new Sequential<[tf.Tensor4D], tf.Tensor4D>([
      convLayer(8, 4),
      new Upsample(2),
      convLayer(4, 4, { transpose: true, ks: 2, stride: 2 }),
      convLayer(4, 3, { ks: 1, act: null, normType: null }),
    ])
    tf.tidy(() => {
      expect(head.forward(drawn([2, 7, 7, 8])).shape).toEqual([2, 28, 28, 3])
    })
  })

  it('says what is wrong', () => {
    expect(() => new Upsample(0)).toThrow('Upsample: the scale must be a number above 0, got 0')
    expect(() => new Upsample(2, { mode: 'cubic' as 'nearest' })).toThrow(
      'Upsample: there is no mode string "cubic"\n  → say',
    )
  })
})

it('replication padding repeats edges on every side', () => {
  tf.tidy(() => {
    const x = tf.tensor4d([1, 2, 3, 4, 5, 6], [1, 2, 3, 1])
    const pad = new ReplicationPad2d([1, 2, 0, 1])
    expect(numbers(pad.forward(x))).toEqual([1, 1, 2, 3, 3, 3, 4, 4, 5, 6, 6, 6, 4, 4, 5, 6, 6, 6])
    expect(new ReplicationPad2d([0, 0, 0, 0]).forward(x)).toBe(x)
  })
})

describe('self-attention', () => {
  it('begins as the identity, and with gamma looks at every place', () => {
    using attention = new SelfAttention(8)
    attention.eval()
    tf.tidy(() => {
      const x = drawn([2, 3, 4, 8])
      expect(numbers(attention.forward(x))).toEqual(numbers(x))
      attention.gamma.assign(tf.tensor1d([1]))
      const y = numbers(attention.forward(x))
      // Another value at the last place reaches the first one.
      const other = tf.concat(
        [tf.slice(x, [0, 0, 0, 0], [2, 2, 4, 8]), drawn([2, 1, 4, 8], 5)],
        1,
      ) as tf.Tensor4D
      expect(Math.abs(numbers(attention.forward(other))[0]! - y[0]!)).toBeGreaterThan(1e-6)
    })
  })

  it('has a query and a key for fewer than eight channels too', () => {
    using attention = new SelfAttention(4)
    tf.tidy(() => {
      expect(attention.forward(drawn([1, 2, 2, 4])).shape).toEqual([1, 2, 2, 4])
    })
  })
})

describe('the gradient that finite differences find', () => {
  it.each<[string, () => AnyModule]>([
    ['pixel shuffle', () => new PixelShuffle(2)],
    ['replication padding', () => new ReplicationPad2d([1, 2, 2, 1])],
    ['nearest', () => new Upsample(2)],
    ['bilinear', () => new Upsample(1.5, { mode: 'bilinear' })],
    ['shuffle, blurred, weight norm', () => pixelShuffleIcnr(4, 2, { blur: true, act: null })],
  ])('%s', (_, make) => {
    using module = make()
    expectSlopes(module, [2, 3, 2, 4])
  })

  it('self-attention', () => {
    using attention = new SelfAttention(4)
    // The power iteration of spectral norm is no part of the gradient.
    attention.eval()
    tf.tidy(() => attention.gamma.assign(tf.tensor1d([0.7])))
    expectSlopes(attention, [1, 2, 3, 4])
  })
})
