import * as tf from '../engine/tf.js'
import { sparseCrossEntropy } from '../kernels/cross-entropy.js'
import { checkRange } from './check-options.js'
import { type ClassOptions, checkClassOptions, classRows } from './class-rows.js'
import { classes } from './cross-entropy.js'
import type { Loss, Reduction } from './loss.js'
import { makeLoss } from './make-loss.js'

/** How much of each target goes to all classes, and how classes weigh. */
export interface LabelSmoothingOptions extends ClassOptions {
  /** The share of a target that all classes get alike. Default 0.1. */
  readonly eps?: number
  readonly reduction?: Reduction
}

/**
 * Cross-entropy that also wants a little of every class: ε/c·Σ −log p + (1 − ε)·cross-entropy (fastai's
 * `LabelSmoothingCrossEntropyFlat`). Weights act on the second part, whose mean is then over the weights of the targets.
 *
 * @example
 * labelSmoothingCrossEntropyFlat({ eps: 0.1 })
 */
export function labelSmoothingCrossEntropyFlat({
  reduction = 'mean',
  eps = 0.1,
  ...options
}: LabelSmoothingOptions = {}): Loss {
  const name = 'labelSmoothingCrossEntropy'
  checkClassOptions(name, options)
  checkRange(name, 'eps', eps, 0, 1)
  return makeLoss({
    name,
    options: { ...options, eps, ...(reduction !== 'mean' && { reduction }) },
    reduction,
    yInt: true,
    places(pred, target) {
      const { logits, labels, weights, total, counted } = classRows(name, pred, target, options)
      const all = tf.mul(tf.neg(tf.sum(tf.logSoftmax(logits), 1)), eps / logits.shape[1])
      const one = tf.mul(sparseCrossEntropy(logits, labels), 1 - eps)
      if (!weights) return { losses: tf.add(all, one) }
      const smooth = tf.mul(
        all,
        tf.cast(tf.notEqual(tf.reshape(target, [-1]), options.ignoreIndex ?? -100), 'float32'),
      )
      const sharp = tf.mul(one, weights)
      return {
        losses: tf.add(smooth, sharp),
        mean: () => tf.add(tf.div(tf.sum(smooth), counted || 1), tf.div(tf.sum(sharp), total || 1)),
      }
    },
    ...classes,
  })
}
