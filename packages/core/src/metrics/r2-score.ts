import { accumMetric } from './accum-metric.js'
import type { Metric, MetricOptions } from './metric.js'

/** Share of the targets' spread that predictions account for, their offset included (fastai's `R2Score`). */
export function r2Score({ name = 'r2_score' }: MetricOptions = {}): Metric {
  return accumMetric(
    ({ data: p }, { data: t }) => {
      if (t.length < 2) return undefined
      return explained(squares(errors(p, t), 0), squares(t, mean(t)))
    },
    { name },
  )
}

/** Share of the targets' spread that predictions account for, whatever their offset (fastai's `ExplainedVariance`). */
export function explainedVariance({ name = 'explained_variance_score' }: MetricOptions = {}): Metric {
  return accumMetric(
    ({ data: p }, { data: t }) => {
      const off = errors(p, t)
      return explained(squares(off, mean(off)), squares(t, mean(t)))
    },
    { name },
  )
}

/** 1 − left/all; where there is nothing to explain 1 if nothing is left, else 0, as in scikit-learn. */
function explained(left: number, all: number): number {
  if (all > 0) return 1 - left / all
  return left === 0 ? 1 : 0
}

/** Targets less predictions. */
function errors(preds: ArrayLike<number>, targets: ArrayLike<number>): Float64Array {
  return Float64Array.from({ length: targets.length }, (_, i) => targets[i]! - preds[i]!)
}

/** The mean of numbers. */
export function mean(values: ArrayLike<number>): number {
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += values[i]!
  return sum / values.length
}

function squares(values: ArrayLike<number>, from: number): number {
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += (values[i]! - from) ** 2
  return sum
}
