import * as tf from '../engine/tf.js'
import { checkRange } from './check-options.js'
import { type ClassOptions, checkClassOptions, classRows } from './class-rows.js'
import { classes } from './cross-entropy.js'
import type { Loss, Reduction } from './loss.js'
import { makeLoss } from './make-loss.js'

/** How the overlap is measured. */
export interface DiceLossOptions extends Pick<ClassOptions, 'ignoreIndex'> {
  /** Added above and below, so that classes that are nowhere score 1. Default 1e-6. */
  readonly smooth?: number
  /** Over items and classes. Default sum, as in fastai: the rate that suits then depends on the batch size. */
  readonly reduction?: Reduction
  /** Probabilities are squared in the denominator. Default false. */
  readonly squareInUnion?: boolean
}

/**
 * 1 − dice score of the probabilities, for every item and class, of logits `[b, …, c]` and class numbers `[b, …]`
 * (fastai's `DiceLoss`, with classes the last axis).
 *
 * @example
 * diceLoss({ reduction: 'mean' })
 */
export function diceLoss({
  smooth = 1e-6,
  reduction = 'sum',
  squareInUnion = false,
  ...options
}: DiceLossOptions = {}): Loss {
  const name = 'dice'
  checkClassOptions(name, options)
  checkRange(name, 'smooth', smooth, 0, Number.POSITIVE_INFINITY)
  return makeLoss({
    name,
    options: { ...options, smooth, reduction, squareInUnion },
    reduction,
    yInt: true,
    places(pred, target) {
      const { logits, labels, weights } = classRows(name, pred, target, options)
      const [n, c] = [pred.shape[0]!, logits.shape[1]]
      const inItems = (rows: tf.Tensor) => {
        const counting = weights ? tf.mul(rows, tf.expandDims(weights, 1)) : rows
        return tf.reshape<tf.Rank.R3>(counting, [n, -1, c])
      }
      const p = inItems(tf.softmax(logits))
      const t = inItems(tf.cast(tf.oneHot(labels, c), 'float32'))
      const inter = tf.sum(tf.mul(p, t), 1)
      const union = tf.sum(tf.add(squareInUnion ? tf.square(p) : p, t), 1)
      const score = tf.div(tf.add(tf.mul(inter, 2), smooth), tf.add(union, smooth))
      return { losses: tf.sub(1, score) }
    },
    ...classes,
  })
}
