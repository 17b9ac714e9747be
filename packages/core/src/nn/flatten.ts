import * as tf from '../engine/tf.js'
import { Module } from './module.js'

/**
 * Joins all axes but the first: `[b, …]` → `[b, n]`. Images are flattened in our order, `[h, w, c]`; only after
 * pooling to one place is that also torch's.
 */
export class Flatten extends Module<[tf.Tensor], tf.Tensor2D> {
  forward(x: tf.Tensor): tf.Tensor2D {
    return tf.reshape(x, [x.shape[0]!, -1])
  }

  override describe(): string {
    return 'full=False'
  }
}
