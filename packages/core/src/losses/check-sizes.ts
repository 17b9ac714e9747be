import { EspalierError } from '@espalier/data'
import { hostDecision } from '../engine/host.js'
import type * as tf from '../engine/tf.js'

/** Throws unless predictions and targets have as many elements. */
export function checkSizes(loss: string, pred: tf.Tensor, target: tf.Tensor): void {
  if (pred.size === target.size) return
  throw new EspalierError(
    'loss/size',
    `${loss}: predictions [${pred.shape}] and targets [${target.shape}] have ${pred.size} and ${target.size} elements`,
    { fix: 'it compares them one by one; for classes use crossEntropyLossFlat()' },
  )
}

/** Throws unless all numbers are from 0 to 1. NaN passes: the guard of the training loop tells where it comes from. */
export function checkUnit(loss: string, what: 'prediction' | 'target', values: tf.Tensor): void {
  const outside = hostDecision([values], ([all]) => all!.find((v) => v < 0 || v > 1))
  if (outside === undefined) return
  throw new EspalierError('loss/range', `${loss}: ${what} ${outside} is not between 0 and 1`, {
    fix:
      what === 'prediction'
        ? 'for logits use bceWithLogitsLossFlat()'
        : 'targets say no or yes, 0 or 1, for each label; for class numbers use crossEntropyLossFlat()',
  })
}
