import type * as tf from '../engine/tf.js'

/**
 * A loss: a scalar of predictions and targets, and what its users need besides. Plain functions will do where
 * activation and decoding are the identity.
 */
export interface Loss {
  (pred: tf.Tensor, ...targets: tf.Tensor[]): tf.Tensor
  /** From the model's output to what is shown: softmax, sigmoid. */
  readonly activation?: (pred: tf.Tensor) => tf.Tensor
  /** From activated predictions to targets: the class with the largest probability. */
  readonly decodes?: (activated: tf.Tensor) => tf.Tensor
  /** The loss of each item, `[b]`, before it is averaged. */
  readonly perItem?: (pred: tf.Tensor, ...targets: tf.Tensor[]) => tf.Tensor1D
}
