import * as tf from '../engine/tf.js'
import { squaredDifference } from '../kernels/squared-difference.js'
import { checkSizes } from './check-sizes.js'
import type { Loss, Reduction } from './loss.js'
import { makeLoss } from './make-loss.js'

/** What becomes of the losses of the single numbers. */
export interface ReductionOptions {
  readonly reduction?: Reduction
}

/** Mean squared error over everything; `[b, 1]` against `[b]` is fine (fastai's `MSELossFlat`). */
export function mseLossFlat({ reduction = 'mean' }: ReductionOptions = {}): Loss {
  return elementwise('mse', reduction, squaredDifference)
}

/** Mean absolute error over everything; `[b, 1]` against `[b]` is fine (fastai's `L1LossFlat`). */
export function l1LossFlat({ reduction = 'mean' }: ReductionOptions = {}): Loss {
  // |d| in two halves: its slope at 0 is then 0, as in torch.
  return elementwise('l1', reduction, (pred, target) => {
    const d = tf.sub(pred, target)
    return tf.add(tf.relu(d), tf.relu(tf.neg(d)))
  })
}

/** A loss that compares number with number. */
function elementwise(
  name: string,
  reduction: Reduction,
  each: (pred: tf.Tensor, target: tf.Tensor) => tf.Tensor,
): Loss {
  return makeLoss({
    name,
    options: { ...(reduction !== 'mean' && { reduction }) },
    reduction,
    places(pred, target) {
      checkSizes(name, pred, target)
      return { losses: each(tf.reshape(pred, [-1]), tf.reshape(tf.cast(target, 'float32'), [-1])) }
    },
  })
}
