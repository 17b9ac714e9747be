import { EspalierError } from '@espalier/data'
import * as tf from '../engine/tf.js'
import { checkRange, checkWeights } from './check-options.js'
import { checkSizes, checkUnit } from './check-sizes.js'
import type { Loss, Reduction } from './loss.js'
import { makeLoss } from './make-loss.js'

/** How labels weigh, and from which probability on they hold. */
export interface BceWithLogitsOptions {
  /** `decodes` says yes above this probability. Default 0.5. */
  readonly thresh?: number
  /** What each label weighs: one for each of the last axis, or one for all. */
  readonly weight?: readonly number[]
  /** What a yes weighs against a no: one for each of the last axis, or one for all. */
  readonly posWeight?: readonly number[]
  readonly reduction?: Reduction
}

/**
 * Binary cross-entropy of logits and targets from 0 to 1 of one shape, averaged over everything (fastai's
 * `BCEWithLogitsLossFlat`).
 *
 * @example
 * bceWithLogitsLossFlat({ posWeight: [1, 1, 20], thresh: 0.4 })
 */
export function bceWithLogitsLossFlat({ reduction = 'mean', ...options }: BceWithLogitsOptions = {}): Loss {
  const name = 'bceWithLogits'
  const { thresh = 0.5, weight, posWeight } = options
  checkRange(name, 'thresh', thresh, 0, 1)
  checkWeights(name, 'weight', weight)
  checkWeights(name, 'posWeight', posWeight)
  return makeLoss({
    name,
    options: { ...options, ...(reduction !== 'mean' && { reduction }) },
    reduction,
    places(pred, target) {
      checkSizes(name, pred, target)
      checkUnit(name, 'target', target)
      const labels = pred.rank > 1 ? pred.shape.at(-1)! : 1
      const x = tf.reshape(pred, [-1, labels])
      const z = tf.reshape(tf.cast(target, 'float32'), [-1, labels])
      const losses = posWeight
        ? tf.add(
            tf.mul(tf.mul(z, perLabel(name, 'posWeight', posWeight, labels)), softplus(tf.neg(x))),
            tf.mul(tf.sub(1, z), softplus(x)),
          )
        : tf.add(tf.sub(tf.relu(x), tf.mul(x, z)), logOnePlus(x))
      const weighed = weight ? tf.mul(losses, perLabel(name, 'weight', weight, labels)) : losses
      return { losses: tf.reshape(weighed, [-1]) }
    },
    activation: (pred) => tf.sigmoid(pred),
    decodes: (activated) => tf.greater(activated, thresh),
  })
}

/** log(1 + eˣ) as max(x, 0) + log(1 + e^−|x|): no overflow on either side. */
const softplus = (x: tf.Tensor): tf.Tensor => tf.add(tf.relu(x), logOnePlus(x))

const logOnePlus = (x: tf.Tensor): tf.Tensor => tf.log1p(tf.exp(tf.neg(tf.abs(x))))

function perLabel(name: string, option: string, weights: readonly number[], labels: number): tf.Tensor1D {
  if (weights.length !== labels && weights.length !== 1) {
    throw new EspalierError(
      'loss/weight',
      `${name}: ${option} has ${weights.length} weights for ${labels} labels`,
      {
        fix: 'give one weight for each label, in the order of the vocabulary, or one for all',
      },
    )
  }
  return tf.tensor1d([...weights])
}
