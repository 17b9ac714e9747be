import { hostUpdate } from '../engine/host-update.js'
import type * as tf from '../engine/tf.js'

/** average ← (1 − momentum)·average + momentum·value, as running statistics go on. It has no gradient. */
export function updateRunningAverage(average: tf.Variable, value: tf.Tensor, momentum: number): void {
  const rest = 1 - momentum
  hostUpdate([average], [value], ([before], [v], [after]) => {
    for (let i = 0; i < v!.length; i++) after![i] = rest * before![i]! + momentum * v![i]!
  })
}
