import type { Json } from '@espalier/data'
import { packNumbers, unpackNumbers } from '../learner/packed.js'
import type { Metric, MetricInput } from './metric.js'

/** What a mean over an epoch is made of. */
interface WeightedMean {
  readonly name: string
  /** A batch's own mean, and what it weighs. */
  measure(input: MetricInput): { readonly value: number; readonly weight: number }
  /** Adds up in float32, as fastai does: tables agree to the last printed digit. */
  readonly float32?: boolean
  /** From the mean to the metric. */
  finish?(mean: number): number
}

/** A mean over an epoch. Batches without weight are left out; where there is no other there is no value. */
export function weightedMean({
  name,
  measure,
  float32 = false,
  finish = (mean) => mean,
}: WeightedMean): Metric {
  const round = float32 ? Math.fround : (x: number) => x
  let [total, weights] = [0, 0]
  return {
    name,
    reset() {
      ;[total, weights] = [0, 0]
    },
    accumulate(input) {
      const { value, weight } = measure(input)
      if (weight === 0) return
      total = round(total + round(value * weight))
      weights += weight
    },
    value: () => (weights === 0 ? undefined : round(finish(round(total / weights)))),
    saveState: (): Json => packNumbers([total, weights]),
    loadState(saved) {
      ;[total = 0, weights = 0] = unpackNumbers(saved)
    },
  }
}
