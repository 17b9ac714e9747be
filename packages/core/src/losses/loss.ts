import type { Json } from '@espalier/data'
import type * as tf from '../engine/tf.js'

/**
 * What becomes of the losses of the single places: their mean, their sum, or a tensor of all of them, which no
 * learner can train on.
 */
export type Reduction = 'mean' | 'sum' | 'none'

/**
 * A loss: a scalar of predictions and targets, and what its users need besides. Plain functions will do where
 * activation and decoding are the identity. Classes are the last axis of predictions.
 */
export interface Loss {
  (pred: tf.Tensor, ...targets: tf.Tensor[]): tf.Tensor
  /** From the model's output to what is shown: softmax, sigmoid. */
  readonly activation?: (pred: tf.Tensor) => tf.Tensor
  /** From activated predictions to targets: the class with the largest probability. */
  readonly decodes?: (activated: tf.Tensor) => tf.Tensor
  /** The loss of each item, `[b]`, before it is averaged. */
  readonly perItem?: (pred: tf.Tensor, ...targets: tf.Tensor[]) => tf.Tensor1D
  /** How `perItem` becomes the loss. Default mean. */
  readonly reduction?: Reduction
  /**
   * True where targets are class numbers, which cannot be mixed: MixUp and CutMix then mix the losses of both targets,
   * `perItem` of each, and reduce what comes out (fastai's `y_int`).
   */
  readonly yInt?: boolean
  /**
   * True where it asks the same of the engine whatever the numbers are, so that a training step may be recorded and
   * repeated. What it reads of its inputs it must read by `hostDecision`.
   */
  readonly steady?: boolean
  /** The options that make it again under its name, so that an exported learner keeps it. */
  toJSON?(): { readonly [key: string]: Json }
}
