import { hostCompute } from '../engine/host.js'
import { defineKernel } from '../engine/kernel.js'
import * as tf from '../engine/tf.js'
import { isFew } from './few.js'

type Pair = { a: tf.Tensor; b: tf.Tensor }

/** (a − b)² of each number of two tensors of the same shape. */
export function squaredDifference(a: tf.Tensor, b: tf.Tensor): tf.Tensor {
  return isFew(a) ? squaredDifferenceKernel({ a, b }, {})[0]! : tf.squaredDifference(a, b)
}

/** `a`, `b` → (a − b)². */
export const squaredDifferenceKernel = defineKernel<Pair, object>({
  name: 'EspalierSquaredDifference',
  compose: ({ a, b }) =>
    hostCompute([a, b], [{ shape: a.shape }], ([x, y], [out]) => {
      for (let i = 0; i < out!.length; i++) out![i] = (x![i]! - y![i]!) ** 2
    }),
  saves: { inputs: ['a', 'b'] },
  gradient: ([dy], [a, b]) => ({
    a: () => slope(dy!, a!, b!),
    b: () => slope(dy!, b!, a!),
  }),
})

function slope(dy: tf.Tensor, a: tf.Tensor, b: tf.Tensor): tf.Tensor {
  return squaredDifferenceGradKernel({ dy, a, b }, {})[0]!
}

/** `dy`, `a`, `b` → 2·dy·(a − b). */
export const squaredDifferenceGradKernel = defineKernel<Pair & { dy: tf.Tensor }, object>({
  name: 'EspalierSquaredDifferenceGrad',
  compose: ({ dy, a, b }) =>
    hostCompute([dy, a, b], [{ shape: a.shape }], ([d, x, y], [out]) => {
      for (let i = 0; i < out!.length; i++) out![i] = 2 * d![i]! * (x![i]! - y![i]!)
    }),
})
