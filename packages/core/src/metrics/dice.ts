import { EspalierError } from '@espalier/data'
import { type Confusion, confusionMetric } from './confusion.js'
import type { Metric, MetricOptions } from './metric.js'

/** What becomes of classes above 1. */
export interface DiceOptions extends MetricOptions {
  /** `refuse`, the default; `count`: as often as their number says, which is what fastai computes. */
  readonly others?: 'refuse' | 'count'
}

/**
 * Twice the overlap of class 1 by all that is wanted or predicted of it, over the epoch; nothing where there is none
 * (fastai's `Dice`). For more classes than two see {@link diceMulti}.
 */
export function dice({ others = 'refuse', name = 'dice' }: DiceOptions = {}): Metric {
  return overlap('dice', name, others, (inter, both) => (2 * inter) / both)
}

/** Overlap of class 1 by what is either wanted or predicted of it, over the epoch (fastai's `JaccardCoeff`). */
export function jaccardCoeff({ others = 'refuse', name = 'jaccard_coeff' }: DiceOptions = {}): Metric {
  return overlap('jaccardCoeff', name, others, (inter, both) => inter / (both - inter))
}

function overlap(
  func: string,
  name: string,
  others: 'refuse' | 'count',
  score: (inter: number, both: number) => number,
): Metric {
  return confusionMetric({
    name,
    check: (classes) =>
      others === 'refuse' && classes > 2 && refuse(func, `predictions are of ${classes} classes`),
    score({ cells }: Confusion) {
      let [inter, both] = [0, 0]
      for (const [wanted, predicted, n] of cells) {
        if (others === 'refuse' && wanted > 1) refuse(func, `there is a target ${wanted}`)
        inter += wanted * predicted * n
        both += (wanted + predicted) * n
      }
      return both > 0 ? score(inter, both) : undefined
    },
  })
}

function refuse(func: string, why: string): never {
  throw new EspalierError('metric/classes', `${func} is for background 0 and one class 1: ${why}`, {
    fix: `for several classes take ${func}Multi()`,
  })
}
