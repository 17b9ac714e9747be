import type { Metric, MetricInput, MetricOptions } from './metric.js'
import { weightedMean } from './weighted-mean.js'

/** How batches weigh in a perplexity. */
export interface PerplexityOptions extends MetricOptions {
  /**
   * `tokens`, the default: by targets, so that a short last batch of a text counts for what it is. `rows`: by items,
   * as fastai does and as the column of the loss does.
   */
  readonly weightBy?: 'tokens' | 'rows'
  /** The label of tokens that do not count: the one of the loss. Default −100. */
  readonly ignoreIndex?: number
}

/**
 * e to the mean loss, which is to be a cross-entropy (fastai's `Perplexity`).
 *
 * @example
 * metrics: [accuracy, perplexity()]
 */
export function perplexity({
  weightBy = 'tokens',
  ignoreIndex = -100,
  name = 'perplexity',
}: PerplexityOptions = {}): Metric {
  const byRows = weightBy === 'rows'
  const measure = ({ loss, bs, targets }: MetricInput) => ({
    value: loss,
    weight: byRows ? bs : tokens(targets[0]?.dataSync() ?? [], ignoreIndex),
  })
  return weightedMean({ name, measure, float32: byRows, finish: Math.exp })
}

function tokens(labels: ArrayLike<number>, ignoreIndex: number): number {
  let n = 0
  for (let i = 0; i < labels.length; i++) if (labels[i] !== ignoreIndex) n++
  return n
}
