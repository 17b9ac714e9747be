import { Module, type tf } from '@espalier/core'
import { nearestTo } from './nearest-to.js'

/** Brings feature maps to the size of the picture they were made of (fastai's `ResizeToOrig`). */
export class ResizeToOrig extends Module<[x: tf.Tensor4D, orig: tf.Tensor4D], tf.Tensor4D> {
  forward(x: tf.Tensor4D, orig: tf.Tensor4D): tf.Tensor4D {
    return nearestTo(x, [orig.shape[1], orig.shape[2]])
  }
}
