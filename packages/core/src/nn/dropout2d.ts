import * as tf from '../engine/tf.js'
import { pythonFloat } from './batch-norm.js'
import { keptScale } from './drop-mask.js'
import { Dropout } from './dropout.js'
import { Module } from './module.js'
import { nextDrops } from './next-drops.js'

/** Zeroes each channel of each picture `[b, h, w, c]` with probability `p` in training and scales the others by 1 / (1 − p). */
export class Dropout2d extends Module<[tf.Tensor4D], tf.Tensor4D> {
  readonly p: number

  constructor(p = 0.5) {
    super()
    this.p = new Dropout(p).p // Says what is wrong with it.
  }

  forward(x: tf.Tensor4D): tf.Tensor4D {
    if (!this.training || this.p === 0) return x
    const random = nextDrops()
    const [b, , , c] = x.shape
    const scale = keptScale(this.p)
    const mask = Float32Array.from({ length: b * c }, () => (random.uniform() < this.p ? 0 : scale))
    return tf.mul(x, tf.tensor4d(mask, [b, 1, 1, c]))
  }

  override describe(): string {
    return `p=${pythonFloat(this.p)}, inplace=False`
  }
}
