import * as tf from '../engine/tf.js'
import { Module } from './module.js'
import type { TakesOrig } from './sequential-ex.js'

/** Multiplies by what went into its `SequentialEx`: a gate `[b, 1, 1, c]` opens over every place. */
export class ProdLayer extends Module<[tf.Tensor4D, tf.Tensor4D], tf.Tensor4D> implements TakesOrig {
  readonly takesOrig = true

  forward(x: tf.Tensor4D, orig: tf.Tensor4D): tf.Tensor4D {
    return tf.mul(x, orig)
  }
}
