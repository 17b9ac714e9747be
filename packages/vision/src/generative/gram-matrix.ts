import { tf } from '@espalier/core'

/**
 * How much the channels of features go together, whatever the place: `[b, h, w, c]` → `[b, c, c]`, x·xᵀ / (c·h·w) as in
 * fastai's course (Gatys et al. 2015). It is what a style is measured by.
 */
export function gramMatrix(features: tf.Tensor4D): tf.Tensor3D {
  const [b, h, w, c] = features.shape
  const x = tf.reshape<tf.Rank.R3>(features, [b, h * w, c])
  return tf.div(tf.matMul(x, x, true, false), c * h * w)
}
