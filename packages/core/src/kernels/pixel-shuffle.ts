import * as tf from '../engine/tf.js'
import { checkInts, checkRank, shapeError } from './check.js'

/**
 * Turns groups of r² channels into r × r pixels (Shi et al. 2016), in torch's channel order, which is not that of
 * `tf.depthToSpace`: `[b, h, w, c·r²]` → `[b, h·r, w·r, c]`.
 */
export function pixelShuffle(x: tf.Tensor4D, r: number): tf.Tensor4D {
  checkRank('pixelShuffle', 'the input', x, 4)
  checkInts('pixelShuffle', 'the factor', [r], 1)
  const [b, h, w, channels] = x.shape
  const c = channels / r ** 2
  if (!Number.isInteger(c)) throw shapeError('pixelShuffle', `${channels} channels do not divide by ${r}²`)
  const parts = tf.transpose(tf.reshape(x, [b, h, w, c, r, r]), [0, 1, 4, 2, 5, 3])
  return tf.reshape(parts, [b, h * r, w * r, c])
}
