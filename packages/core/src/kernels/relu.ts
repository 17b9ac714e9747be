import { hostCompute } from '../engine/host.js'
import { defineKernel } from '../engine/kernel.js'
import * as tf from '../engine/tf.js'

/** Where the rectifier ends. */
export interface ReluAttrs {
  /** Outputs are cut off here; 6 for ReLU6. */
  readonly max?: number
}

/**
 * max(x, 0), of any shape. Unlike tfjs's it saves its output instead of its input for the gradient: the next
 * layer keeps that tensor anyway.
 */
export function relu<T extends tf.Tensor>(x: T): T {
  return reluKernel({ x }, {})[0] as T
}

/** min(max(x, 0), 6), of any shape (MobileNet). */
export function relu6<T extends tf.Tensor>(x: T): T {
  return reluKernel({ x }, { max: 6 })[0] as T
}

/** `x` → y. */
export const reluKernel = defineKernel<{ x: tf.Tensor }, ReluAttrs>({
  name: 'EspalierRelu',
  compose: ({ x }, { max }) =>
    max === 6 ? tf.relu6(x) : max === undefined ? tf.relu(x) : tf.clipByValue(x, 0, max),
  saves: { outputs: [0] },
  gradient: ([dy], [y], attrs) => ({ x: () => reluGradKernel({ dy: dy!, y: y! }, attrs)[0]! }),
})

/** `dy`, `y` → dx. */
export const reluGradKernel = defineKernel<{ dy: tf.Tensor; y: tf.Tensor }, ReluAttrs>({
  name: 'EspalierReluGrad',
  compose: ({ dy, y }, { max = Number.POSITIVE_INFINITY }) =>
    hostCompute([dy, y], [{ shape: y.shape, unset: true }], ([d, v], [out]) => {
      for (let i = 0; i < out!.length; i++) out![i] = v![i]! > 0 && v![i]! < max ? d![i]! : 0
    }),
})
