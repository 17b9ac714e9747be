import { hostCompute } from '../engine/host.js'
import { defineKernel } from '../engine/kernel.js'
import * as tf from '../engine/tf.js'
import { checkSizes, checkUnit } from './check-sizes.js'
import type { Loss } from './loss.js'
import { makeLoss } from './make-loss.js'
import type { ReductionOptions } from './mse.js'

/**
 * Binary cross-entropy of probabilities and targets from 0 to 1 of one shape, averaged over everything (fastai's
 * `BCELossFlat`). For a model whose last layer is a sigmoid; `bceWithLogitsLossFlat` without one is more exact.
 *
 * @example
 * bceLossFlat()
 */
export function bceLossFlat({ reduction = 'mean' }: ReductionOptions = {}): Loss {
  const name = 'bce'
  return makeLoss({
    name,
    options: { ...(reduction !== 'mean' && { reduction }) },
    reduction,
    places(pred, target) {
      checkSizes(name, pred, target)
      checkUnit(name, 'prediction', pred)
      checkUnit(name, 'target', target)
      const [p, y] = [tf.reshape(pred, [-1]), tf.reshape(tf.cast(target, 'float32'), [-1])]
      return { losses: bceKernel({ p, y }, {})[0]! }
    },
  })
}

/** `p`, `y` → the loss of each and its slope, with torch's bounds: log p ≥ −100, p(1 − p) ≥ 1e-12. */
const bceKernel = defineKernel<{ p: tf.Tensor; y: tf.Tensor }, object>({
  name: 'EspalierBinaryCrossEntropy',
  compose: ({ p, y }) =>
    hostCompute([p, y], [{ shape: p.shape }, { shape: p.shape }], ([ps, ys], [loss, slope]) => {
      for (let i = 0; i < ps!.length; i++) {
        const [q, yes] = [ps![i]!, ys![i]!]
        loss![i] = yes * Math.min(-Math.log(q), 100) + (1 - yes) * Math.min(-Math.log1p(-q), 100)
        slope![i] = (q - yes) / Math.max(q * (1 - q), 1e-12)
      }
    }),
  saves: { outputs: [1] },
  gradient: ([dLoss], [slope]) => ({ p: () => tf.mul(dLoss!, slope!) }),
})
