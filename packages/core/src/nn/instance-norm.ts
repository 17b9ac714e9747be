import * as tf from '../engine/tf.js'
import { pythonFloat } from './batch-norm.js'
import { Module, param } from './module.js'

/** Normalizes each channel of each image by itself (Ulyanov et al. 2016): `[b, h, w, n]` → the same shape. */
export class InstanceNorm2d extends Module<[tf.Tensor4D], tf.Tensor4D> {
  readonly weight: tf.Variable<tf.Rank.R1>
  readonly bias: tf.Variable<tf.Rank.R1>

  constructor(
    readonly nFeatures: number,
    readonly eps = 1e-5,
  ) {
    super()
    this.weight = param(tf.ones<tf.Rank.R1>([nFeatures]))
    this.bias = param(tf.zeros<tf.Rank.R1>([nFeatures]))
  }

  forward(x: tf.Tensor4D): tf.Tensor4D {
    const mean = tf.mean(x, [1, 2], true)
    const centred = tf.sub(x, mean)
    const variance = tf.mean(tf.square(centred), [1, 2], true)
    const scaled = tf.mul(centred, tf.rsqrt(tf.add(variance, this.eps)))
    return tf.add(tf.mul(scaled, this.weight), this.bias)
  }

  override describe(): string {
    return `${this.nFeatures}, eps=${pythonFloat(this.eps)}, momentum=0.1, affine=True, bias=True, track_running_stats=False`
  }
}
