import type { MultiOptions } from './accuracy-multi.js'
import { confusionMetric } from './confusion.js'
import type { Metric, MetricOptions } from './metric.js'
import { multiLabelMetric } from './multi-label.js'
import { pooled, type Tally, tallies } from './tally.js'

/** Correlation of predicted and wanted classes, −1 … 1; 0 where all are one (fastai's `MatthewsCorrCoef`). */
export function matthewsCorrCoef({ name = 'matthews_corrcoef' }: MetricOptions = {}): Metric {
  return confusionMetric({ name, score: ({ cells }) => correlation([...tallies(cells).values()]) })
}

/** The mean of the labels' correlations (fastai's `MatthewsCorrCoefMulti`, which scikit-learn refuses to compute). */
export function matthewsCorrCoefMulti({
  name = 'matthews_corrcoef',
  ...options
}: MetricOptions & MultiOptions = {}): Metric {
  return multiLabelMetric({
    ...options,
    name,
    score({ labels, rows }) {
      const each = labels.map((yes) => correlation([yes, opposite(yes, rows)]))
      return each.reduce((a, b) => a + b, 0) / each.length
    },
  })
}

/** The tally of an item's not having a label. */
function opposite({ wanted, predicted, both }: Tally, rows: number): Tally {
  return { wanted: rows - wanted, predicted: rows - predicted, both: rows - wanted - predicted + both }
}

function correlation(classes: readonly Tally[]): number {
  const { wanted: n, both } = pooled(classes)
  const sum = (f: (t: Tally) => number) => classes.reduce((total, t) => total + f(t), 0)
  const agree = both * n - sum((t) => t.wanted * t.predicted)
  const spread = (n * n - sum((t) => t.wanted ** 2)) * (n * n - sum((t) => t.predicted ** 2))
  return spread === 0 ? 0 : agree / Math.sqrt(spread)
}
