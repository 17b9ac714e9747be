import { dropMask, Module, tf } from '@espalier/core'
import { checkProbability } from './check-probability.js'

/**
 * Dropout that is the same at every step of a sequence (Gal & Ghahramani 2016, fastai's `RNNDropout`): one mask for each
 * row of `[b, t, n]`.
 */
export class RNNDropout extends Module<[tf.Tensor3D], tf.Tensor3D> {
  constructor(readonly p = 0.5) {
    super()
    checkProbability('RNNDropout', p)
  }

  forward(x: tf.Tensor3D): tf.Tensor3D {
    if (!this.training || this.p === 0) return x
    const [b, , n] = x.shape
    return tf.mul(x, dropMask([b, 1, n], this.p))
  }
}
