import type * as tf from '../engine/tf.js'
import { gelu } from '../kernels/gelu.js'
import { Module } from './module.js'

/** x · Φ(x), computed exactly as torch does by default. */
export class GELU extends Module<[tf.Tensor], tf.Tensor> {
  forward<T extends tf.Tensor>(x: T): T {
    return gelu(x)
  }

  override describe(): string {
    return "approximate='none'"
  }
}
