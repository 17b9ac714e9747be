import * as tf from '../engine/tf.js'
import { Module } from './module.js'
import type { TakesOrig } from './sequential-ex.js'

/** Adds what went into its `SequentialEx`, or puts it beside: `[b, h, w, c]` → `[b, h, w, c]`, dense `2c`. */
export class MergeLayer extends Module<[tf.Tensor4D, tf.Tensor4D], tf.Tensor4D> implements TakesOrig {
  readonly takesOrig = true

  constructor(readonly dense = false) {
    super()
  }

  forward(x: tf.Tensor4D, orig: tf.Tensor4D): tf.Tensor4D {
    return this.dense ? tf.concat([x, orig], 3) : tf.add(x, orig)
  }
}
