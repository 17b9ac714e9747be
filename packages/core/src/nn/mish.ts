import type * as tf from '../engine/tf.js'
import { mish } from '../kernels/mish.js'
import { Module } from './module.js'

/** x · tanh(softplus(x)): a smooth ReLU that lets a little of what is negative through. */
export class Mish extends Module<[tf.Tensor], tf.Tensor> {
  forward<T extends tf.Tensor>(x: T): T {
    return mish(x)
  }
}
