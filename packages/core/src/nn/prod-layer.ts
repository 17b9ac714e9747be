import * as tf from '../engine/tf.js'
import { TakesOrig } from './sequential-ex.js'

/** Multiplies by what went into its {@link SequentialEx}, place by place. */
export class ProdLayer extends TakesOrig {
  forward(x: tf.Tensor4D, orig: tf.Tensor4D): tf.Tensor4D {
    return tf.mul(x, orig)
  }
}
