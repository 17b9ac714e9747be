import { tf, useEngine } from '@espalier/core'
import { batchNormEval, batchNormTrain } from '@espalier/core/kernels'
import { Random } from '@espalier/data'
import { beforeAll, expect, it } from 'vitest'
import { describeNative } from './support/native.js'

function numbers(count: number, seed: number): Float64Array {
  const random = new Random(seed, 'batch norm')
  return Float64Array.from({ length: count }, () => random.uniform(-1, 1))
}

interface Case {
  readonly x: Float64Array
  readonly dy: Float64Array
  readonly weight: Float64Array
  readonly bias: Float64Array
}

function caseOf(rows: number, channels: number): Case {
  const offset = numbers(channels, 5)
  return {
    // Means several times as large as what is around them.
    x: numbers(rows * channels, 1).map((v, i) => Math.fround(v + 4 * offset[i % channels]!)),
    dy: numbers(rows * channels, 2).map(Math.fround),
    weight: numbers(channels, 3).map(Math.fround),
    bias: numbers(channels, 4).map(Math.fround),
  }
}

/** Sums over the rows of something, for each channel. */
function sumsOf(rows: number, channels: number, f: (i: number, c: number) => number): Float64Array {
  const sums = new Float64Array(channels)
  for (let i = 0; i < rows * channels; i++) sums[i % channels]! += f(i, i % channels)
  return sums
}

/** The formulas, in double precision. */
function expected({ x, dy, weight, bias }: Case, rows: number, channels: number, epsilon: number) {
  const of = (f: (i: number, c: number) => number) => sumsOf(rows, channels, f)
  const mean = of((i) => x[i]!).map((s) => s / rows)
  const biased = of((i, c) => (x[i]! - mean[c]!) ** 2).map((s) => s / rows)
  const sigma = biased.map((v) => Math.sqrt(v + epsilon))
  const normal = x.map((v, i) => (v - mean[i % channels]!) / sigma[i % channels]!)
  const dBias = of((i) => dy[i]!)
  const dWeight = of((i) => dy[i]! * normal[i]!)
  return {
    y: normal.map((v, i) => v * weight[i % channels]! + bias[i % channels]!),
    mean,
    variance: biased.map((v) => (v * rows) / (rows - 1)),
    dx: dy.map((d, i) => {
      const c = i % channels
      return (weight[c]! / sigma[c]!) * (d - (dBias[c]! + normal[i]! * dWeight[c]!) / rows)
    }),
    dWeight,
    dBias,
  }
}

function check(got: Readonly<Record<string, tf.Tensor>>, want: Readonly<Record<string, Float64Array>>): void {
  for (const [name, value] of Object.entries(got)) {
    const wanted = want[name]!
    const size = wanted.reduce((most, v) => Math.max(most, Math.abs(v)), 0)
    expect([name, value.isDisposed]).toEqual([name, false])
    const numbers = value.dataSync()
    expect([name, numbers.length]).toEqual([name, wanted.length])
    const off = wanted.reduce((most, v, i) => Math.max(most, Math.abs(v - numbers[i]!)), 0)
    expect([name, off <= 2e-5 * size]).toEqual([name, true])
  }
}

describeNative('batch norm of rows', () => {
  beforeAll(async () => {
    await useEngine('native')
  })

  it.each([
    [1024, 200],
    [1024, 100],
    [1024, 6],
    [1023, 100],
    [1024, 64],
    [100, 50],
    [640, 7],
  ])('of %i with %i channels is the formula, and so are its gradients', (rows, channels) => {
    const given = caseOf(rows, channels)
    const want = expected(given, rows, channels, 1e-5)
    tf.tidy(() => {
      const x = tf.tensor2d(Float32Array.from(given.x), [rows, channels])
      const dy = tf.tensor2d(Float32Array.from(given.dy), [rows, channels])
      const [weight, bias] = [given.weight, given.bias].map((v) => tf.tensor1d(Float32Array.from(v)))
      const { y, mean, variance } = batchNormTrain(x, weight as tf.Tensor1D, bias as tf.Tensor1D, 1e-5)
      const grads = tf.grads((a, w, b) =>
        tf.sum(tf.mul(batchNormTrain(a!, w as tf.Tensor1D, b as tf.Tensor1D, 1e-5).y, dy)),
      )([x, weight!, bias!])
      const got = { y, mean, variance, dx: grads[0]!, dWeight: grads[1]!, dBias: grads[2]! }
      check(got, want)
    })
  })

  it.each([
    [1024, 200],
    [1023, 100],
    [640, 7],
    [1, 100],
    [0, 5],
  ])('of %i with %i channels, whose statistics are given, is the formula too', (rows, channels) => {
    const { x, dy, weight, bias } = caseOf(rows, channels)
    const mean = numbers(channels, 6).map(Math.fround)
    const variance = numbers(channels, 7).map((v) => Math.fround(v + 1.5))
    const sigma = variance.map((v) => Math.sqrt(v + 1e-5))
    const normal = x.map((v, i) => (v - mean[i % channels]!) / sigma[i % channels]!)
    const factor = weight.map((w, c) => w / sigma[c]!)
    const dWeight = sumsOf(rows, channels, (i) => dy[i]! * normal[i]!)
    const dBias = sumsOf(rows, channels, (i) => dy[i]!)
    const want = {
      y: normal.map((v, i) => v * weight[i % channels]! + bias[i % channels]!),
      dx: dy.map((d, i) => d * factor[i % channels]!),
      dWeight,
      dBias,
      dMean: dBias.map((d, c) => -d * factor[c]!),
      dVariance: dWeight.map((d, c) => (d * factor[c]!) / (-2 * sigma[c]!)),
    }
    tf.tidy(() => {
      const [xs, dys] = [x, dy].map((v) => tf.tensor2d(Float32Array.from(v), [rows, channels]))
      const each = [weight, bias, mean, variance].map((v) => tf.tensor1d(Float32Array.from(v)))
      const norm = (a: tf.Tensor, ...of: tf.Tensor[]) =>
        batchNormEval(a, ...(of as [tf.Tensor1D, tf.Tensor1D, tf.Tensor1D, tf.Tensor1D]), 1e-5)
      const [dx, dw, db, dm, dv] = tf.grads((...all) => tf.sum(tf.mul(norm(...(all as [tf.Tensor])), dys!)))([
        xs!,
        ...each,
      ])
      const got = { y: norm(xs!, ...each), dx, dWeight: dw, dBias: db, dMean: dm, dVariance: dv }
      check(got as Record<string, tf.Tensor>, want)
    })
  })
})
