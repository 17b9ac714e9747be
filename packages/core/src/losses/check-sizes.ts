import { EspalierError } from '@espalier/data'
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
