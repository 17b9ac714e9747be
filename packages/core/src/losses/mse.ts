import * as tf from '../engine/tf.js'
import { checkSizes } from './check-sizes.js'
import type { Loss } from './loss.js'

/** Mean squared error over everything; `[b, 1]` against `[b]` is fine (fastai's `MSELossFlat`). */
export function mseLossFlat(): Loss {
  const each = (pred: tf.Tensor, target: tf.Tensor): tf.Tensor => {
    checkSizes('mse', pred, target)
    return tf.squaredDifference(tf.reshape(pred, [-1]), tf.reshape(tf.cast(target, 'float32'), [-1]))
  }
  return Object.assign(((pred: tf.Tensor, target: tf.Tensor) => tf.mean(each(pred, target))) as Loss, {
    perItem: (pred: tf.Tensor, target: tf.Tensor): tf.Tensor1D =>
      tf.mean(tf.reshape(each(pred, target), [pred.shape[0]!, -1]), 1),
  })
}
