import { EspalierError, type TypedArray } from '@espalier/data'
import { hostCompute } from '../engine/host.js'
import { defineKernel } from '../engine/kernel.js'
import * as tf from '../engine/tf.js'

/** Numbers of batch norm that engines get: `epsilon` is added to the variance. */
export interface BatchNormAttrs {
  readonly epsilon: number
}

type Inputs = { x: tf.Tensor; weight: tf.Tensor1D; bias: tf.Tensor1D }
type EvalInputs = Inputs & { mean: tf.Tensor1D; variance: tf.Tensor1D }
/** Engines may add tensors of their own after the variance; they come back in the gradient as `reserved…`. */
type GradInputs = Record<string, tf.Tensor> & {
  dy: tf.Tensor
  x: tf.Tensor
  weight: tf.Tensor
  mean: tf.Tensor
  variance: tf.Tensor
}

/**
 * Batch normalization over all axes but the last, with the statistics of this batch (Ioffe & Szegedy 2015):
 * `[…, c]` → `y`, the batch `mean` and its unbiased `variance`, which is what torch keeps in its running average
 * while it normalizes with the biased one.
 */
export function batchNormTrain(
  x: tf.Tensor,
  weight: tf.Tensor1D,
  bias: tf.Tensor1D,
  epsilon = 1e-5,
): { readonly y: tf.Tensor; readonly mean: tf.Tensor1D; readonly variance: tf.Tensor1D } {
  checkChannels(x, weight)
  if (x.size === weight.size) {
    throw new EspalierError(
      'batch-norm/one',
      `batchNorm: one value per channel (input [${x.shape}]) has no variance to train with`,
      {
        fix: 'use batches of at least 2, leave out a last batch of 1 (dropLast), or put the model in eval mode',
      },
    )
  }
  const [y, mean, variance] = batchNormKernel({ x, weight, bias }, { epsilon })
  return { y: y!, mean: mean as tf.Tensor1D, variance: variance as tf.Tensor1D }
}

/** Batch normalization over all axes but the last with given statistics, as at inference: `[…, c]` → `[…, c]`. */
export function batchNormEval(
  x: tf.Tensor,
  weight: tf.Tensor1D,
  bias: tf.Tensor1D,
  mean: tf.Tensor1D,
  variance: tf.Tensor1D,
  epsilon = 1e-5,
): tf.Tensor {
  checkChannels(x, weight)
  return batchNormEvalKernel({ x, weight, bias, mean, variance }, { epsilon })[0]!
}

function checkChannels(x: tf.Tensor, weight: tf.Tensor1D): void {
  const c = x.shape.at(-1)
  if (c === weight.size) return
  throw new EspalierError(
    'shape',
    `batchNorm: expected ${weight.size} channels, got ${c} (input [${x.shape}])`,
  )
}

/** `x`, `weight`, `bias` → y, mean, unbiased variance, … */
export const batchNormKernel = defineKernel<Inputs, BatchNormAttrs>({
  name: 'EspalierBatchNorm',
  compose: ({ x, weight, bias }, { epsilon }) => {
    const c = weight.size
    return hostCompute(
      [x, weight, bias],
      [x.shape, [c], [c]].map((shape) => ({ shape, unset: true })),
      ([xs, w, b], [y, mean, variance]) => normalize(xs!, w!, b!, y!, mean!, variance!, epsilon),
    )
  },
  saves: { inputs: ['x', 'weight'], outputs: [1, 2, 3, 4, 5] },
  gradient: ([dy], [x, weight, mean, variance, ...reserved], attrs) => {
    const named = Object.fromEntries(reserved.map((t, i) => [`reserved${i}`, t]))
    const given = { dy: dy!, x: x!, weight: weight!, mean: mean!, variance: variance!, ...named }
    const [dx, dWeight, dBias] = batchNormGradKernel(given, attrs)
    return { x: () => dx!, weight: () => dWeight!, bias: () => dBias! }
  },
})

/** `dy` and what the forward pass saved → dx, dWeight, dBias. */
export const batchNormGradKernel = defineKernel<GradInputs, BatchNormAttrs>({
  name: 'EspalierBatchNormGrad',
  compose: ({ dy, x, weight, mean, variance }, { epsilon }) => {
    const c = weight.size
    return hostCompute(
      [dy, x, weight, mean, variance],
      [x.shape, [c], [c]].map((shape) => ({ shape, unset: true })),
      ([dys, xs, w, m, v], [dx, dw, db]) => normalizeGrad(dys!, xs!, w!, m!, v!, dx!, dw!, db!, epsilon),
    )
  },
})

/** `x`, `weight`, `bias`, `mean`, `variance` → y. */
const batchNormEvalKernel = defineKernel<EvalInputs, BatchNormAttrs>({
  name: 'EspalierBatchNormEval',
  compose: ({ x, weight, bias, mean, variance }, { epsilon }) => {
    const scale = tf.mul(weight, inverseOf(variance, epsilon))
    return tf.add(tf.mul(x, scale), tf.sub(bias, tf.mul(mean, scale)))
  },
  saves: { inputs: ['x', 'weight', 'mean', 'variance'] },
  gradient: ([dy], [x, weight, mean, variance], { epsilon }) => {
    const inverse = inverseOf(variance!, epsilon)
    const scale = tf.mul(weight!, inverse)
    const perChannel = (t: tf.Tensor) => tf.sum(tf.reshape(t, [-1, weight!.size]), 0)
    const dWeight = () => tf.mul(perChannel(tf.mul(dy!, tf.sub(x!, mean!))), inverse)
    return {
      x: () => tf.mul(dy!, scale),
      weight: dWeight,
      bias: () => perChannel(dy!),
      mean: () => tf.neg(tf.mul(perChannel(dy!), scale)),
      variance: () => tf.mul(tf.mul(dWeight(), scale), tf.mul(inverse, -0.5)),
    }
  },
})

const inverseOf = (variance: tf.Tensor, epsilon: number) => tf.rsqrt(tf.add(variance, epsilon))

function normalize(
  x: TypedArray,
  weight: TypedArray,
  bias: TypedArray,
  y: TypedArray,
  mean: TypedArray,
  variance: TypedArray,
  epsilon: number,
): void {
  const c = weight.length
  const rows = x.length / c
  const sums = new Float64Array(c)
  for (let at = 0; at < x.length; at += c) for (let j = 0; j < c; j++) sums[j]! += x[at + j]!
  const means = sums.map((s) => s / rows)
  const squares = new Float64Array(c)
  for (let at = 0; at < x.length; at += c) {
    for (let j = 0; j < c; j++) {
      const d = x[at + j]! - means[j]!
      squares[j]! += d * d
    }
  }
  const scale = squares.map((s, j) => weight[j]! / Math.sqrt(s / rows + epsilon))
  const shift = scale.map((s, j) => bias[j]! - means[j]! * s)
  for (let at = 0; at < x.length; at += c) {
    for (let j = 0; j < c; j++) y[at + j] = x[at + j]! * scale[j]! + shift[j]!
  }
  mean.set(means)
  variance.set(squares.map((s) => s / (rows - 1)))
}

function normalizeGrad(
  dy: TypedArray,
  x: TypedArray,
  weight: TypedArray,
  mean: TypedArray,
  variance: TypedArray,
  dx: TypedArray,
  dWeight: TypedArray,
  dBias: TypedArray,
  epsilon: number,
): void {
  const c = weight.length
  const rows = x.length / c
  const means = Float64Array.from(mean)
  const inverse = Float64Array.from(variance, (v) => 1 / Math.sqrt((v * (rows - 1)) / rows + epsilon))
  const sumDy = new Float64Array(c)
  const sumDyX = new Float64Array(c)
  for (let at = 0; at < x.length; at += c) {
    for (let j = 0; j < c; j++) {
      const d = dy[at + j]!
      sumDy[j]! += d
      sumDyX[j]! += d * (x[at + j]! - means[j]!)
    }
  }
  const slope = sumDyX.map((s, j) => (s * inverse[j]! * inverse[j]!) / rows)
  const level = sumDy.map((s) => s / rows)
  const scale = inverse.map((s, j) => s * weight[j]!)
  for (let at = 0; at < x.length; at += c) {
    for (let j = 0; j < c; j++) {
      dx[at + j] = scale[j]! * (dy[at + j]! - level[j]! - (x[at + j]! - means[j]!) * slope[j]!)
    }
  }
  dWeight.set(sumDyX.map((s, j) => s * inverse[j]!))
  dBias.set(sumDy)
}
