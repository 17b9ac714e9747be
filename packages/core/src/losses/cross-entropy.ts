import { EspalierError } from '@espalier/data'
import * as tf from '../engine/tf.js'
import { sparseCrossEntropy } from '../kernels/cross-entropy.js'
import type { Loss } from './loss.js'

/** How classes weigh in the loss. */
export interface CrossEntropyOptions {
  /** A weight for each class; the mean is then over the weights of the targets, as in torch. */
  readonly weight?: readonly number[]
}

/**
 * Cross-entropy of logits `[b, …, c]` and class numbers `[b, …]`, all places weighing alike (fastai's
 * `CrossEntropyLossFlat`). Classes are the last axis.
 */
export function crossEntropyLossFlat({ weight }: CrossEntropyOptions = {}): Loss {
  const flat = (pred: tf.Tensor, target: tf.Tensor): tf.Tensor1D => {
    const c = pred.shape.at(-1)!
    if (weight && weight.length !== c) {
      throw new EspalierError(
        'loss/weight',
        `crossEntropy: ${weight.length} class weights for ${c} classes`,
        {
          fix: 'give one weight for each class, in the order of the vocabulary',
        },
      )
    }
    return sparseCrossEntropy(tf.reshape(pred, [-1, c]), tf.reshape(tf.cast(target, 'int32'), [-1]))
  }
  const weightsOf = (target: tf.Tensor) =>
    tf.gather(tf.tensor1d([...weight!]), tf.reshape<tf.Rank.R1>(tf.cast(target, 'int32'), [-1]))
  const loss = (pred: tf.Tensor, target: tf.Tensor): tf.Tensor => {
    if (!weight) return tf.mean(flat(pred, target))
    const weights = weightsOf(target)
    return tf.div(tf.sum(tf.mul(flat(pred, target), weights)), tf.sum(weights))
  }
  return Object.assign(loss as Loss, {
    activation: (pred: tf.Tensor) => tf.softmax(pred),
    decodes: (activated: tf.Tensor) => tf.argMax(activated, -1),
    perItem: (pred: tf.Tensor, target: tf.Tensor): tf.Tensor1D => {
      const each = weight ? tf.mul(flat(pred, target), weightsOf(target)) : flat(pred, target)
      return tf.mean(tf.reshape(each, [pred.shape[0]!, -1]), 1)
    },
  })
}

/** Cross-entropy with no options: a ready {@link Loss}. */
export const crossEntropyFlat: Loss = crossEntropyLossFlat()
