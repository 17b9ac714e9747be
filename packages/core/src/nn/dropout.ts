import { EspalierError } from '@espalier/data'
import * as tf from '../engine/tf.js'
import { pythonFloat } from './batch-norm.js'
import { dropMask } from './drop-mask.js'
import { Module } from './module.js'

/** Zeroes each element with probability `p` in training and scales the others by 1 / (1 − p) (Srivastava 2014). */
export class Dropout extends Module<[tf.Tensor], tf.Tensor> {
  constructor(readonly p = 0.5) {
    super()
    if (!(p >= 0 && p <= 1)) throw new EspalierError('dropout/p', `Dropout: p must be in [0, 1], got ${p}`)
  }

  forward<T extends tf.Tensor>(x: T): T {
    if (!this.training || this.p === 0) return x
    return tf.mul(x, dropMask(x.shape, this.p))
  }

  override describe(): string {
    return `p=${pythonFloat(this.p)}, inplace=False`
  }
}
