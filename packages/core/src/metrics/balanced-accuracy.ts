import { confusionMetric } from './confusion.js'
import type { Metric, MetricOptions } from './metric.js'
import { tallies } from './tally.js'
import { recallOf } from './tally-scores.js'

/** Whether chance is taken off. */
export interface BalancedAccuracyOptions extends MetricOptions {
  /** Chance scores 0 instead of 1/classes. Default false. */
  readonly adjusted?: boolean
}

/** Mean recall of the classes that are wanted: accuracy where all are wanted alike (fastai's `BalancedAccuracy`). */
export function balancedAccuracy({
  adjusted = false,
  name = 'balanced_accuracy_score',
}: BalancedAccuracyOptions = {}): Metric {
  return confusionMetric({
    name,
    score({ cells }) {
      const wanted = [...tallies(cells).values()].filter((t) => t.wanted > 0)
      const mean = wanted.reduce((sum, t) => sum + recallOf(t), 0) / wanted.length
      return adjusted ? (mean - 1 / wanted.length) / (1 - 1 / wanted.length) : mean
    },
  })
}
