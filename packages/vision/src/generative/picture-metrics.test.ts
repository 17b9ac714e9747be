import { type Metric, tf, useEngine } from '@espalier/core'
import { beforeAll, expect, it } from 'vitest'
import { sines } from '../../test/sines.js'
import { imagenetStats } from '../augment/normalize.js'
import { fromUnit } from './normalized-pictures.js'
import { psnr } from './psnr.js'
import { ssim } from './ssim.js'

beforeAll(() => useEngine('cpu'))

const [b, h, w, c] = [2, 13, 16, 3] as const

/** Pictures as numbers from 0 to 1. */
function pictures(seed: number): Float32Array {
  return (sines([b, h, w, c], seed).data as Float32Array).map(
    (v, i) => 0.5 + 0.3 * v + 0.2 * Math.sin(i / 50),
  )
}

function measured(metric: Metric, pred: Float32Array, target: Float32Array, normalize = false): number {
  metric.reset()
  tf.tidy(() => {
    const stats = normalize ? imagenetStats : undefined
    const of = (data: Float32Array) => fromUnit(tf.tensor4d(data, [b, h, w, c]), stats)
    metric.accumulate({ pred: of(pred), targets: [of(target)], loss: 0, bs: b })
  })
  return metric.value()!
}

const [x, y] = [pictures(1), pictures(1.4)]

it('psnr is the mean over pictures of 10·log10(1 / mean squared error)', () => {
  const half = x.length / 2
  const each = [0, 1].map((i) => {
    let sum = 0
    for (let k = i * half; k < (i + 1) * half; k++) sum += (x[k]! - y[k]!) ** 2
    return 10 * Math.log10(half / sum)
  })
  expect(measured(psnr({ normalized: false }), x, y)).toBeCloseTo((each[0]! + each[1]!) / 2, 3)
  // Twice the error is 6.02 dB less, and equal pictures are 100 dB alike.
  const near = x.map((v, i) => v + 0.5 * (y[i]! - v))
  const gain = measured(psnr({ normalized: false }), near, x) - measured(psnr({ normalized: false }), y, x)
  expect(gain).toBeCloseTo(20 * Math.log10(2), 3)
  expect(measured(psnr({ normalized: false }), x, x)).toBeCloseTo(100, 3)
})

it('psnr undoes the normalization, and cuts off what no picture can have', () => {
  const plain = measured(psnr({ normalized: false }), x, y)
  expect(measured(psnr(), x, y, true)).toBeCloseTo(plain, 2)
  const white = new Float32Array(x.length).fill(1)
  const glaring = white.map(() => 7)
  expect(measured(psnr({ normalized: false }), glaring, white)).toBeCloseTo(100, 3)
})

/** The definition, window by window. */
function ssimByHand(p: Float32Array, t: Float32Array): number {
  const at = (a: Float32Array, i: number, r: number, k: number, ch: number) =>
    a[((i * h + r) * w + k) * c + ch]!
  const bell = Array.from({ length: 11 }, (_, k) => Math.exp(-((k - 5) ** 2) / 4.5))
  const whole = bell.reduce((s, v) => s + v) ** 2
  let [sum, n] = [0, 0]
  for (let i = 0; i < b; i++)
    for (let ch = 0; ch < c; ch++)
      for (let r = 0; r + 11 <= h; r++)
        for (let k = 0; k + 11 <= w; k++) {
          const mean = (f: (u: number, v: number) => number) => {
            let m = 0
            for (let dr = 0; dr < 11; dr++)
              for (let dk = 0; dk < 11; dk++) {
                const weight = (bell[dr]! * bell[dk]!) / whole
                m += weight * f(at(p, i, r + dr, k + dk, ch), at(t, i, r + dr, k + dk, ch))
              }
            return m
          }
          const [mu, nu] = [mean((u) => u), mean((_, v) => v)]
          const [su, sv] = [mean((u) => (u - mu) ** 2), mean((_, v) => (v - nu) ** 2)]
          const cov = mean((u, v) => (u - mu) * (v - nu))
          sum += ((2 * mu * nu + 1e-4) * (2 * cov + 9e-4)) / ((mu ** 2 + nu ** 2 + 1e-4) * (su + sv + 9e-4))
          n++
        }
  return sum / n
}

it('ssim is what its definition says, 1 for equal pictures', () => {
  expect(measured(ssim({ normalized: false }), x, y)).toBeCloseTo(ssimByHand(x, y), 4)
  expect(measured(ssim(), x, y, true)).toBeCloseTo(ssimByHand(x, y), 3)
  expect(measured(ssim({ normalized: false }), x, x)).toBeCloseTo(1, 5)
})

it('says what is wrong', () => {
  expect(() => measured(psnr({ normalized: false }), x, y, true)).toThrow(
    'not 0 and 1, once their normalization is undone',
  )
  const accumulate = (metric: Metric, shape: [number, number, number, number]) =>
    tf.tidy(() => metric.accumulate({ pred: tf.zeros(shape), targets: [tf.zeros(shape)], loss: 0, bs: 1 }))
  expect(() => accumulate(ssim({ normalized: false }), [1, 10, 20, 3])).toThrow('10×20 are smaller than its')
  tf.tidy(() => {
    const [pred, target] = [tf.zeros([1, 4, 4, 3]), tf.zeros([1, 4, 4])]
    expect(() => psnr({ normalized: false }).accumulate({ pred, targets: [target], loss: 0, bs: 1 })).toThrow(
      'got predictions [1,4,4,3] and targets [1,4,4]',
    )
  })
  expect(() => psnr({ peak: 1 } as never)).toThrow("psnr has no option 'peak'")
})
