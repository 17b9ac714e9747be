import type { MultiOptions } from './accuracy-multi.js'
import { confusionMetric } from './confusion.js'
import type { Metric, MetricOptions } from './metric.js'
import { multiLabelMetric } from './multi-label.js'
import { pooled } from './tally.js'

/** Share of classes that are wrong (fastai's `HammingLoss`). */
export function hammingLoss({ name = 'hamming_loss' }: MetricOptions = {}): Metric {
  return confusionMetric({
    name,
    score({ cells }) {
      let [wrong, total] = [0, 0]
      for (const [wanted, predicted, n] of cells) {
        total += n
        if (wanted !== predicted) wrong += n
      }
      return wrong / total
    },
  })
}

/** Share of labels, over all items, that are wrong (fastai's `HammingLossMulti`). */
export function hammingLossMulti({
  name = 'hamming_loss',
  ...options
}: MetricOptions & MultiOptions = {}): Metric {
  return multiLabelMetric({
    ...options,
    name,
    score({ labels, rows }) {
      const { wanted, predicted, both } = pooled(labels)
      return (wanted + predicted - 2 * both) / (rows * labels.length)
    },
  })
}
