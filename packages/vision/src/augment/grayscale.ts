import { tf } from '@espalier/core'
import { checkColours } from './hsv.js'

/** How bright colours are, by the weights of ITU-R 601: `[b, h, w, 3]` → `[b, h, w, 1]` (fastai's `grayscale`). */
export function grayscale(images: tf.Tensor4D): tf.Tensor4D {
  checkColours('grayscale', images)
  return tf.sum(tf.mul(images, tf.tensor1d([0.2989, 0.587, 0.114])), 3, true)
}
