import { hostCompute } from '../engine/host.js'
import { defineKernel } from '../engine/kernel.js'
import * as tf from '../engine/tf.js'
import { isFew } from './few.js'

/** The bounds that outputs stay between. */
export interface SigmoidRangeAttrs {
  readonly low: number
  readonly high: number
}

/** low + (high − low) / (1 + e^−x), of any shape. */
export function sigmoidRange<T extends tf.Tensor>(x: T, low: number, high: number): T {
  return sigmoidRangeKernel({ x }, { low, high })[0] as T
}

/** `x` → y. */
export const sigmoidRangeKernel = defineKernel<{ x: tf.Tensor }, SigmoidRangeAttrs>({
  name: 'EspalierSigmoidRange',
  compose: ({ x }, { low, high }) => {
    if (!isFew(x)) return tf.add(tf.mul(tf.sigmoid(x), high - low), low)
    return hostCompute([x], [{ shape: x.shape }], ([v], [y]) => {
      for (let i = 0; i < y!.length; i++) y![i] = low + (high - low) / (1 + Math.exp(-v![i]!))
    })
  },
  saves: { outputs: [0] },
  gradient: ([dy], [y], attrs) => ({ x: () => sigmoidRangeGradKernel({ dy: dy!, y: y! }, attrs)[0]! }),
})

/** `dy`, `y` → dx. */
export const sigmoidRangeGradKernel = defineKernel<{ dy: tf.Tensor; y: tf.Tensor }, SigmoidRangeAttrs>({
  name: 'EspalierSigmoidRangeGrad',
  compose: ({ dy, y }, { low, high }) => {
    if (!isFew(y)) return tf.div(tf.mul(dy, tf.mul(tf.sub(y, low), tf.sub(high, y))), high - low)
    return hostCompute([dy, y], [{ shape: y.shape }], ([d, v], [dx]) => {
      for (let i = 0; i < dx!.length; i++) dx![i] = (d![i]! * (v![i]! - low) * (high - v![i]!)) / (high - low)
    })
  },
})
