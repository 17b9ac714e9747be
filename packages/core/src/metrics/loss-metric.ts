import { describe, EspalierError } from '@espalier/data'
import * as tf from '../engine/tf.js'
import type { Metric, MetricOptions } from './metric.js'
import { weightedMean } from './weighted-mean.js'

/**
 * The mean over the epoch of a number that a loss leaves behind when it is computed, for losses of several parts
 * (fastai's `LossMetric`, which asks the learner for its loss).
 *
 * @example
 * const loss = Object.assign((pred: tf.Tensor, y: tf.Tensor) => {
 *   const [pixels, style] = parts(pred, y)
 *   loss.style = style.dataSync()[0]!
 *   return tf.add(pixels, style)
 * }, { style: 0 })
 * metrics: [lossMetric(loss, 'style')]
 */
export function lossMetric<L extends object>(
  loss: L,
  attr: keyof L & string,
  { name = attr }: MetricOptions = {},
): Metric {
  return weightedMean({
    name,
    float32: true,
    measure: ({ bs }) => ({ value: numberOf(loss[attr], attr), weight: bs }),
  })
}

/** A {@link lossMetric} for each of several numbers (fastai's `LossMetrics`). */
export function lossMetrics<L extends object>(
  loss: L,
  attrs: readonly (keyof L & string)[],
): readonly Metric[] {
  return attrs.map((attr) => lossMetric(loss, attr))
}

function numberOf(value: unknown, attr: string): number {
  if (typeof value === 'number') return value
  if (value instanceof tf.Tensor && value.size === 1 && !value.isDisposed) return value.dataSync()[0]!
  const got =
    value instanceof tf.Tensor
      ? `a tensor${value.isDisposed ? ' that is disposed' : ` [${value.shape}]`}`
      : describe(value)
  throw new EspalierError('metric/loss', `the loss has ${got} under '${attr}', expected a number`, {
    fix: `set it whenever the loss is computed: loss.${attr} = part.dataSync()[0]`,
  })
}
