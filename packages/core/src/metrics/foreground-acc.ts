import { classPair } from './flat-pair.js'
import type { Metric, MetricInput, MetricOptions } from './metric.js'
import { weightedMean } from './weighted-mean.js'

/** Which class is the background, and how batches weigh. */
export interface ForegroundOptions extends MetricOptions {
  /** The class of places that do not count. Default 0. */
  readonly bkgIdx?: number
  /**
   * `pixels`, the default: every place of the foreground weighs alike. `rows`: batches weigh as many items as they have,
   * as in fastai.
   */
  readonly weightBy?: 'pixels' | 'rows'
}

/**
 * Accuracy of `[b, …, c]` where the target `[b, …]` is not background (fastai's `foreground_acc`). Batches that are
 * background all over are left out.
 *
 * @example
 * metrics: [foregroundAcc({ bkgIdx: vocab.indexOf('Void') })]
 */
export function foregroundAcc({
  bkgIdx = 0,
  weightBy = 'pixels',
  name = 'foreground_acc',
}: ForegroundOptions = {}): Metric {
  const measure = ({ pred, targets, bs }: MetricInput) => {
    const { predicted, wanted } = classPair('foregroundAcc', pred, targets[0])
    let [hits, places] = [0, 0]
    for (let i = 0; i < wanted.length; i++) {
      if (wanted[i] === bkgIdx) continue
      places++
      if (predicted[i] === wanted[i]) hits++
    }
    return { value: hits / places, weight: weightBy === 'pixels' || places === 0 ? places : bs }
  }
  return weightedMean({ name, measure, float32: weightBy === 'rows' })
}
