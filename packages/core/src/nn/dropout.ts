import { EspalierError } from '@espalier/data'
import type * as tf from '../engine/tf.js'
import { dropoutKernel } from '../kernels/dropout.js'
import { pythonFloat } from './batch-norm.js'
import { keptBytes, keptScale } from './drop-mask.js'
import { Module } from './module.js'

/** Zeroes each element with probability `p` in training and scales the others by 1 / (1 − p) (Srivastava 2014). */
export class Dropout extends Module<[tf.Tensor], tf.Tensor> {
  static readonly steady = true
  constructor(readonly p = 0.5) {
    super()
    if (!(p >= 0 && p <= 1)) throw new EspalierError('dropout/p', `Dropout: p must be in [0, 1], got ${p}`)
  }

  forward<T extends tf.Tensor>(x: T): T {
    if (!this.training || this.p === 0) return x
    return dropout(x, this.p)
  }

  override describe(): string {
    return `p=${pythonFloat(this.p)}, inplace=False`
  }
}

/** `x` with numbers dropped as {@link Dropout} does it in training (torch's `F.dropout`). */
export function dropout<T extends tf.Tensor>(x: T, p: number): T {
  return dropoutKernel({ x, kept: keptBytes(x.size, p) }, { scale: keptScale(p) })[0] as T
}
