import { EspalierError } from '@espalier/data'
import * as tf from '../engine/tf.js'
import { readOut } from './read-out.js'

/** Predictions and targets as two lists of numbers, whatever their shapes; throws where one is longer. */
export function flatPair(
  metric: string,
  pred: tf.Tensor,
  target: tf.Tensor | undefined,
): readonly [pred: tf.Tensor1D, target: tf.Tensor1D] {
  if (!target) throw noTarget(metric)
  checkSizes(metric, pred, target)
  const flat = (t: tf.Tensor) => tf.reshape<tf.Rank.R1>(tf.cast(t, 'float32'), [-1])
  return [flat(pred), flat(target)]
}

/** Classes, the largest along the last axis, and target classes, on the host; throws where they do not fit. */
export function classPair(
  metric: string,
  pred: tf.Tensor,
  target: tf.Tensor | undefined,
): { readonly predicted: ArrayLike<number>; readonly wanted: ArrayLike<number>; readonly classes: number } {
  if (!target) throw noTarget(metric)
  const classes = checkRows(metric, pred, target)
  return {
    predicted: readOut(() => tf.argMax(pred, -1)).data,
    wanted: target.dataSync(),
    classes,
  }
}

/** Throws unless targets `[b, …]` are classes of predictions `[b, …, c]`. */
export function checkClasses(metric: string, pred: tf.Tensor, target: tf.Tensor): void {
  const c = checkRows(metric, pred, target)
  const outside = target.dataSync().find((label) => !(label >= 0 && label < c && Number.isInteger(label)))
  if (outside === undefined) return
  throw new EspalierError(
    'metric/label',
    `${metric}: the target ${outside} is not one of the ${c} classes 0 … ${c - 1}`,
    { fix: 'compare the vocabulary of the data with the number of outputs of the model' },
  )
}

function checkRows(metric: string, pred: tf.Tensor, target: tf.Tensor): number {
  const c = pred.shape.at(-1) ?? 0
  if (pred.size === target.size * c) return c
  throw misfit(metric, pred, target, 'predictions [b, …, classes] with targets [b, …]')
}

/** Throws unless there are as many targets as predictions. */
export function checkSizes(metric: string, pred: tf.Tensor, target: tf.Tensor): void {
  if (pred.size !== target.size) throw misfit(metric, pred, target)
}

/** The error of predictions and targets that cannot be compared. */
export function misfit(
  metric: string,
  pred: tf.Tensor,
  target: tf.Tensor,
  expected = 'predictions and targets of as many numbers',
): EspalierError {
  return new EspalierError(
    'metric/shape',
    `${metric}: predictions [${pred.shape}] and targets [${target.shape}] do not fit`,
    { fix: `it compares ${expected}` },
  )
}

/** The error of a batch that has no targets. */
export function noTarget(metric: string): EspalierError {
  return new EspalierError('metric/target', `${metric}: the batch has no targets to compare with`, {
    fix: 'measure on items with labels: dls.testDl(items, { withLabels: true })',
  })
}
