import * as tf from '../engine/tf.js'
import { sparseCrossEntropy } from '../kernels/cross-entropy.js'
import { checkRange } from './check-options.js'
import { type ClassOptions, checkClassOptions, classRows } from './class-rows.js'
import { classes } from './cross-entropy.js'
import type { Loss, Reduction } from './loss.js'
import { makeLoss } from './make-loss.js'

/** How strongly easy places are held back, and how classes weigh. */
export interface FocalOptions extends ClassOptions {
  /** 0 is plain cross-entropy. Default 2. */
  readonly gamma?: number
  readonly reduction?: Reduction
}

/**
 * Cross-entropy in which what is easy counts little: (1 − e^−ce)^γ·ce at every place (fastai's `FocalLossFlat`).
 * Weights act on ce, in both of its places; the mean is over all places that count, whatever they weigh.
 *
 * @example
 * focalLossFlat({ gamma: 2, weight: [0.25, 0.75] })
 */
export function focalLossFlat({ reduction = 'mean', gamma = 2, ...options }: FocalOptions = {}): Loss {
  const name = 'focal'
  checkClassOptions(name, options)
  checkRange(name, 'gamma', gamma, 0, Number.POSITIVE_INFINITY)
  return makeLoss({
    name,
    options: { ...options, gamma, ...(reduction !== 'mean' && { reduction }) },
    reduction,
    yInt: true,
    places(pred, target) {
      const { logits, labels, weights, counted } = classRows(name, pred, target, options)
      const each = sparseCrossEntropy(logits, labels)
      const ce = weights ? tf.mul(each, weights) : each
      // A power below 1 has no slope at 0, where a place that is certain would be.
      const miss = tf.maximum(tf.sub(1, tf.exp(tf.neg(ce))), 1e-20)
      const losses = tf.mul(tf.pow(miss, gamma), ce)
      return { losses, mean: () => tf.div(tf.sum(losses), counted || 1) }
    },
    ...classes,
  })
}
