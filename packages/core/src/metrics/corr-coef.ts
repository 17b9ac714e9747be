import { type AccumOptions, accumMetric } from './accum-metric.js'
import type { Metric, MetricOptions } from './metric.js'
import { mean } from './r2-score.js'

/** What is correlated. */
export interface CorrCoefOptions extends MetricOptions, Pick<AccumOptions, 'dimArgmax'> {}

/** Linear correlation of predictions and targets; not a number where one of them is constant (fastai's `PearsonCorrCoef`). */
export function pearsonCorrCoef({ name = 'pearsonr', ...options }: CorrCoefOptions = {}): Metric {
  return accumMetric(({ data: p }, { data: t }) => correlation(p, t), { ...options, name })
}

/** Correlation of the ranks of predictions and targets, equal ones sharing a rank (fastai's `SpearmanCorrCoef`). */
export function spearmanCorrCoef({ name = 'spearmanr', ...options }: CorrCoefOptions = {}): Metric {
  return accumMetric(({ data: p }, { data: t }) => correlation(ranks(p), ranks(t)), { ...options, name })
}

function correlation(x: ArrayLike<number>, y: ArrayLike<number>): number {
  const [mx, my] = [mean(x), mean(y)]
  let [xy, xx, yy] = [0, 0, 0]
  for (let i = 0; i < x.length; i++) {
    const [dx, dy] = [x[i]! - mx, y[i]! - my]
    xy += dx * dy
    xx += dx * dx
    yy += dy * dy
  }
  return xy / Math.sqrt(xx * yy)
}

/** Ranks from 1, the mean of their places for equal numbers. */
function ranks(values: ArrayLike<number>): Float64Array {
  const order = Uint32Array.from({ length: values.length }, (_, i) => i).sort(
    (a, b) => values[a]! - values[b]!,
  )
  const result = new Float64Array(values.length)
  for (let from = 0, to = 0; from < order.length; from = to) {
    while (to < order.length && values[order[to]!] === values[order[from]!]) to++
    // NaN equals nothing, not even itself.
    to = Math.max(to, from + 1)
    for (let i = from; i < to; i++)
      result[order[i]!] = Number.isNaN(values[order[i]!]) ? Number.NaN : (from + to + 1) / 2
  }
  return result
}
