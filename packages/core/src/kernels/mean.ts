import { hostCompute } from '../engine/host.js'
import { defineKernel } from '../engine/kernel.js'
import * as tf from '../engine/tf.js'
import { isFew } from './few.js'

/** What the gradient of a mean needs of its input. */
export interface MeanAttrs {
  readonly shape: readonly number[]
}

/** The mean of all numbers of a tensor, which must not be empty: a scalar. */
export function meanOf(x: tf.Tensor): tf.Scalar {
  if (!isFew(x) || x.size === 0 || x.dtype !== 'float32') return tf.mean(x)
  return meanKernel({ x }, { shape: x.shape })[0] as tf.Scalar
}

/** `x` → its mean. */
export const meanKernel = defineKernel<{ x: tf.Tensor }, MeanAttrs>({
  name: 'EspalierMean',
  compose: ({ x }) =>
    hostCompute([x], [{ shape: [] }], ([v], [out]) => {
      let sum = 0
      for (let i = 0; i < v!.length; i++) sum += v![i]!
      out![0] = sum / v!.length
    }),
  gradient: ([dy], _, { shape }) => ({
    x: () =>
      hostCompute([dy!], [{ shape }], ([d], [out]) => {
        out!.fill(d![0]! / out!.length)
      })[0]!,
  }),
})
