import { EspalierError } from '@espalier/data'
import * as tf from '../engine/tf.js'
import { relu } from '../kernels/relu.js'
import { pythonFloat } from './batch-norm.js'
import { Module } from './module.js'

/** x above 0, and `negativeSlope`·x below. */
export class LeakyReLU extends Module<[tf.Tensor], tf.Tensor> {
  constructor(readonly negativeSlope = 0.01) {
    super()
    if (Number.isFinite(negativeSlope)) return
    throw new EspalierError(
      'leaky-relu/slope',
      `LeakyReLU: the slope must be a number, got ${negativeSlope}`,
      {
        fix: 'say new LeakyReLU(0.2)',
      },
    )
  }

  forward<T extends tf.Tensor>(x: T): T {
    return tf.add(tf.mul(relu(x), 1 - this.negativeSlope), tf.mul(x, this.negativeSlope))
  }

  override describe(): string {
    return `negative_slope=${pythonFloat(this.negativeSlope)}`
  }
}
