import { describe, EspalierError } from '@espalier/data'
import type { MultiOptions } from './accuracy-multi.js'
import { checkBeta } from './check-metric.js'
import type { Metric, MetricOptions } from './metric.js'
import { multiLabelMetric } from './multi-label.js'
import { averaged, type TallyScore } from './tally.js'
import { fBetaOf, jaccardOf, precisionOf, recallOf } from './tally-scores.js'

/** How a score of single labels becomes one number. */
export interface LabelScoreOptions extends MetricOptions, MultiOptions {
  /**
   * `macro`, the default: the mean over the labels; `weighted`: by how often they are wanted; `micro`: of all labels
   * pooled; `samples`: the mean over the items.
   */
  readonly average?: 'macro' | 'micro' | 'weighted' | 'samples'
  /** The labels that count, by number. Default: all. */
  readonly labels?: readonly number[]
}

/**
 * Harmonic mean of precision and recall of labels of which several can hold, over the epoch (fastai's `F1ScoreMulti`).
 *
 * @example
 * metrics: [f1ScoreMulti({ thresh: 0.2, average: 'samples' })]
 */
export function f1ScoreMulti(options: LabelScoreOptions = {}): Metric {
  return labelScore('f1ScoreMulti', 'f1_score', options, fBetaOf(1))
}

/** Like {@link f1ScoreMulti}, recall counting `beta` times as much as precision (fastai's `FBetaMulti`). */
export function fBetaMulti(beta: number, options: LabelScoreOptions = {}): Metric {
  checkBeta('fBetaMulti', beta)
  return labelScore('fBetaMulti', 'fbeta_score', options, fBetaOf(beta))
}

/** Which share of the items said to have a label has it (fastai's `PrecisionMulti`). */
export function precisionMulti(options: LabelScoreOptions = {}): Metric {
  return labelScore('precisionMulti', 'precision_score', options, precisionOf)
}

/** Which share of the items that have a label is found (fastai's `RecallMulti`). */
export function recallMulti(options: LabelScoreOptions = {}): Metric {
  return labelScore('recallMulti', 'recall_score', options, recallOf)
}

/** Items rightly said to have a label, as a share of those that have it or are said to (fastai's `JaccardMulti`). */
export function jaccardMulti(options: LabelScoreOptions = {}): Metric {
  return labelScore('jaccardMulti', 'jaccard_score', options, jaccardOf)
}

function labelScore(
  func: string,
  title: string,
  { average = 'macro', labels, name = title, ...options }: LabelScoreOptions,
  score: TallyScore,
): Metric {
  if (!['macro', 'micro', 'weighted', 'samples'].includes(average)) {
    throw new EspalierError('metric/option', `${func}: average is ${describe(average)}`, {
      fix: "say 'macro', 'micro', 'weighted' or 'samples'",
    })
  }
  const bySample = average === 'samples'
  return multiLabelMetric({
    ...options,
    name,
    labels,
    ...(bySample && { rowScore: score }),
    score: (counts) => (bySample ? counts.rowScores / counts.rows : averaged(average, counts.labels, score)),
  })
}
