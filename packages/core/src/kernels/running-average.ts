import { hostCompute } from '../engine/host.js'
import { defineKernel } from '../engine/kernel.js'
import type * as tf from '../engine/tf.js'

/** How much of the new value goes into the average. */
export interface RunningAverageAttrs {
  readonly momentum: number
}

/** (1 − momentum)·before + momentum·value, as running statistics go on. It has no gradient. */
export function runningAverage<T extends tf.Tensor>(before: T, value: T, momentum: number): T {
  return runningAverageKernel({ before, value }, { momentum })[0] as T
}

/** `before`, `value` → the average with the value in it. */
export const runningAverageKernel = defineKernel<
  { before: tf.Tensor; value: tf.Tensor },
  RunningAverageAttrs
>({
  name: 'EspalierRunningAverage',
  compose: ({ before, value }, { momentum }) =>
    hostCompute([before, value], [{ shape: before.shape, unset: true }], ([b, v], [out]) => {
      for (let i = 0; i < out!.length; i++) out![i] = (1 - momentum) * b![i]! + momentum * v![i]!
    }),
})
