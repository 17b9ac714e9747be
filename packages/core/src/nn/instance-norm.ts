import * as tf from '../engine/tf.js'
import { pythonFloat } from './batch-norm.js'
import { Module, param } from './module.js'

/** Normalizes each channel of each image, or sequence, by itself (Ulyanov et al. 2016): `[b, …, n]` → the same shape. */
export class InstanceNorm2d extends Module<[tf.Tensor4D], tf.Tensor4D> {
  readonly weight: tf.Variable<tf.Rank.R1>
  readonly bias: tf.Variable<tf.Rank.R1>

  constructor(
    readonly nFeatures: number,
    readonly eps = 1e-5,
    /** 1 for sequences, 2 for images: only the printed name depends on it. */
    readonly ndim: 1 | 2 = 2,
  ) {
    super()
    this.weight = param(tf.ones<tf.Rank.R1>([nFeatures]))
    this.bias = param(tf.zeros<tf.Rank.R1>([nFeatures]))
  }

  override get kind(): string {
    return `InstanceNorm${this.ndim}d`
  }

  forward(x: tf.Tensor4D): tf.Tensor4D {
    const places = x.shape.slice(1, -1).map((_, i) => i + 1)
    const mean = tf.mean(x, places, true)
    const centred = tf.sub(x, mean)
    const variance = tf.mean(tf.square(centred), places, true)
    const scaled = tf.mul(centred, tf.rsqrt(tf.add(variance, this.eps)))
    return tf.add(tf.mul(scaled, this.weight), this.bias)
  }

  override describe(): string {
    return `${this.nFeatures}, eps=${pythonFloat(this.eps)}, momentum=0.1, affine=True, bias=True, track_running_stats=False`
  }
}
