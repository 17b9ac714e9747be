import { type Confused, classesOf, confusionMetric } from './confusion.js'
import type { Metric, MetricOptions } from './metric.js'

/** How mistakes weigh. */
export interface CohenKappaOptions extends MetricOptions {
  /** Mistakes weigh as much as classes lie apart in order, or its square. Default: all alike. */
  readonly weights?: 'linear' | 'quadratic'
  /** The classes that count, in order. Default: those that are wanted or predicted. */
  readonly labels?: readonly number[]
}

/**
 * Agreement of predictions and targets beyond chance (fastai's `CohenKappa`).
 *
 * @example
 * metrics: [cohenKappa({ weights: 'quadratic' })]
 */
export function cohenKappa({ weights, labels, name = 'cohen_kappa_score' }: CohenKappaOptions = {}): Metric {
  const weight = (i: number, j: number) =>
    weights === 'quadratic' ? (i - j) ** 2 : weights === 'linear' ? Math.abs(i - j) : Number(i !== j)
  return confusionMetric({ name, score: ({ cells }) => kappa(cells, labels ?? classesOf(cells), weight) })
}

function kappa(
  cells: readonly Confused[],
  labels: readonly number[],
  weight: (i: number, j: number) => number,
): number {
  const place = new Map(labels.map((label, i) => [label, i]))
  const [wanted, predicted] = [labels.map(() => 0), labels.map(() => 0)]
  let [seen, total] = [0, 0]
  for (const [w, p, n] of cells) {
    const [i, j] = [place.get(w), place.get(p)]
    if (i === undefined || j === undefined) continue
    wanted[i]! += n
    predicted[j]! += n
    seen += weight(i, j) * n
    total += n
  }
  let byChance = 0
  for (const [i, w] of wanted.entries())
    for (const [j, p] of predicted.entries()) byChance += (weight(i, j) * w * p) / total
  return 1 - seen / byChance
}
