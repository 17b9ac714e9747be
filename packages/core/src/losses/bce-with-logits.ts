import * as tf from '../engine/tf.js'
import { checkSizes } from './check-sizes.js'
import type { Loss } from './loss.js'

/** Binary cross-entropy of logits and 0/1 targets of one shape, averaged over everything (fastai's `BCEWithLogitsLossFlat`). */
export function bceWithLogitsLossFlat({ thresh = 0.5 } = {}): Loss {
  const each = (pred: tf.Tensor, target: tf.Tensor): tf.Tensor => {
    checkSizes('bceWithLogits', pred, target)
    const x = tf.reshape(pred, [-1])
    const z = tf.reshape(tf.cast(target, 'float32'), [-1])
    // max(x, 0) − x·z + log(1 + e^−|x|): no overflow on either side.
    return tf.add(tf.sub(tf.relu(x), tf.mul(x, z)), tf.log1p(tf.exp(tf.neg(tf.abs(x)))))
  }
  return Object.assign(((pred: tf.Tensor, target: tf.Tensor) => tf.mean(each(pred, target))) as Loss, {
    activation: (pred: tf.Tensor) => tf.sigmoid(pred),
    decodes: (activated: tf.Tensor) => tf.greater(activated, thresh),
    perItem: (pred: tf.Tensor, target: tf.Tensor): tf.Tensor1D =>
      tf.mean(tf.reshape(each(pred, target), [pred.shape[0]!, -1]), 1),
  })
}
