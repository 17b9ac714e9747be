import { tf } from '@espalier/core'

/** Flattens `[b, h, w, c]` in torch's order, channels first: what torch's first linear weights are for. */
export function flattenAsTorch(x: tf.Tensor4D): tf.Tensor2D {
  return tf.reshape(tf.transpose(x, [0, 3, 1, 2]), [x.shape[0], -1])
}
