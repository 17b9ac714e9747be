import { confusionMetric } from './confusion.js'
import type { Metric, MetricOptions } from './metric.js'
import { type Tally, tallies } from './tally.js'

/**
 * The mean of the dice scores of the classes, each over the epoch; classes that are neither wanted nor predicted are
 * left out (fastai's `DiceMulti`).
 */
export function diceMulti({ name = 'dice_multi' }: MetricOptions = {}): Metric {
  return meanOverlap(name, ({ both, wanted, predicted }) => (2 * both) / (wanted + predicted))
}

/** The mean of the classes' overlaps, as {@link diceMulti} (fastai's `JaccardCoeffMulti`, mean intersection over union). */
export function jaccardCoeffMulti({ name = 'jaccard_coeff_multi' }: MetricOptions = {}): Metric {
  return meanOverlap(name, ({ both, wanted, predicted }) => both / (wanted + predicted - both))
}

function meanOverlap(name: string, score: (tally: Tally) => number): Metric {
  return confusionMetric({
    name,
    score({ cells, classes }) {
      // Targets beyond the outputs of the model, such as 255 for `void`, are no class of their own.
      const own = [...tallies(cells)].filter(([label]) => label < classes)
      return own.reduce((sum, [, tally]) => sum + score(tally), 0) / own.length
    },
  })
}
