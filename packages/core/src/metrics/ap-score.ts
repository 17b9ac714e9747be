import { describe, EspalierError, type NdArray } from '@espalier/data'
import { accumulated } from './accum-metric.js'
import type { ProbabilityOptions } from './brier-score.js'
import type { Metric } from './metric.js'
import { defined, type LabelAverage, overLabels } from './over-labels.js'
import { averagePrecision } from './rank-scores.js'

/** What is looked for. */
export interface ApScoreBinaryOptions extends ProbabilityOptions {
  /** The class that is looked for with the probability of the second. Default 1. */
  readonly posLabel?: number
}

/** Average precision of the probability of the second of two classes (fastai's `APScoreBinary`). */
export function apScoreBinary({
  posLabel = 1,
  input = 'logits',
  name = 'average_precision_score',
}: ApScoreBinaryOptions = {}): Metric {
  if (posLabel !== 0 && posLabel !== 1) {
    throw new EspalierError('metric/option', `apScoreBinary: posLabel is ${describe(posLabel)}`, {
      fix: 'it is one of the two classes, 0 or 1',
    })
  }
  const activation = input === 'logits' ? 'binarySoftmax' : 'lastClass'
  const score = (p: NdArray, { data }: NdArray) =>
    defined(averagePrecision(p.data as Float32Array, (i) => data[i] === posLabel))
  return accumulated(score, { name, activation }, 'classes')
}

/** How several labels become one number. */
export interface ApScoreMultiOptions extends ProbabilityOptions {
  /** Over labels, by how often they are wanted, over items, or of all at once. Default macro. */
  readonly average?: LabelAverage
}

/** Average precision of labels of which several can hold (fastai's `APScoreMulti`). */
export function apScoreMulti({
  average = 'macro',
  input = 'logits',
  name = 'average_precision_score',
}: ApScoreMultiOptions = {}): Metric {
  const activation = input === 'logits' ? 'sigmoid' : 'none'
  const score = (p: NdArray, t: NdArray) => overLabels(average, p, t.data, averagePrecision)
  return accumulated(score, { name, flatten: false, activation }, 'labels')
}
