import * as tf from '../engine/tf.js'
import { sparseCrossEntropy } from '../kernels/cross-entropy.js'
import { type ClassOptions, checkClassOptions, classRows } from './class-rows.js'
import type { Loss, Reduction } from './loss.js'
import { makeLoss } from './make-loss.js'

/** How classes weigh in the loss; the mean is over the weights of the targets, as in torch. */
export interface CrossEntropyOptions extends ClassOptions {
  readonly reduction?: Reduction
}

/**
 * Cross-entropy of logits `[b, …, c]` and class numbers `[b, …]`, all places weighing alike (fastai's
 * `CrossEntropyLossFlat`). Classes are the last axis.
 *
 * @example
 * crossEntropyLossFlat({ weight: [1, 1, 5], ignoreIndex: 255 })
 */
export function crossEntropyLossFlat({ reduction = 'mean', ...options }: CrossEntropyOptions = {}): Loss {
  const name = 'crossEntropy'
  checkClassOptions(name, options)
  return makeLoss({
    name,
    options: { ...options, ...(reduction !== 'mean' && { reduction }) },
    reduction,
    yInt: true,
    places(pred, target) {
      const { logits, labels, weights, total } = classRows(name, pred, target, options)
      const each = sparseCrossEntropy(logits, labels)
      if (!weights) return { losses: each }
      const losses = tf.mul(each, weights)
      // Where no place counts the sum is 0, and so is the mean.
      return { losses, mean: () => tf.div(tf.sum(losses), total || 1) }
    },
    ...classes,
  })
}

/** Probabilities of classes, and the likeliest one. */
export const classes = {
  activation: (pred: tf.Tensor): tf.Tensor => tf.softmax(pred),
  decodes: (activated: tf.Tensor): tf.Tensor => tf.argMax(activated, -1),
}

/** Cross-entropy with no options: a ready {@link Loss}. */
export const crossEntropyFlat: Loss = crossEntropyLossFlat()
