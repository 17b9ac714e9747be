import { describe, EspalierError } from '@espalier/data'
import { checkBeta } from './check-metric.js'
import { type Confusion, confusionMetric } from './confusion.js'
import type { Metric, MetricOptions } from './metric.js'
import { averaged, type TallyScore, tallies } from './tally.js'
import { fBetaOf, jaccardOf, precisionOf, recallOf } from './tally-scores.js'

/** How a score of single classes becomes one number. */
export interface ClassScoreOptions extends MetricOptions {
  /**
   * `binary`, the default: the score of `posLabel` against the other of two classes. `macro`: the mean over the
   * classes that occur; `weighted`: by how often they are wanted; `micro`: of all classes pooled.
   */
  readonly average?: 'binary' | 'macro' | 'micro' | 'weighted'
  /** The class that is looked for where there are two. Default 1. */
  readonly posLabel?: number
  /** The classes that count. Default: those that are wanted or predicted. */
  readonly labels?: readonly number[]
}

/**
 * Harmonic mean of precision and recall of classes, over the epoch (fastai's `F1Score`).
 *
 * @example
 * metrics: [f1Score({ average: 'macro' })]
 */
export function f1Score(options: ClassScoreOptions = {}): Metric {
  return classScore('f1Score', 'f1_score', options, fBetaOf(1))
}

/** Like {@link f1Score}, recall counting `beta` times as much as precision (fastai's `FBeta`). */
export function fBeta(beta: number, options: ClassScoreOptions = {}): Metric {
  checkBeta('fBeta', beta)
  return classScore('fBeta', 'fbeta_score', options, fBetaOf(beta))
}

/** Which share of what is said to be of a class is of it (fastai's `Precision`). */
export function precision(options: ClassScoreOptions = {}): Metric {
  return classScore('precision', 'precision_score', options, precisionOf)
}

/** Which share of what is of a class is found (fastai's `Recall`). */
export function recall(options: ClassScoreOptions = {}): Metric {
  return classScore('recall', 'recall_score', options, recallOf)
}

/** What is rightly said to be of a class, as a share of what is of it or said to be (fastai's `Jaccard`). */
export function jaccard(options: ClassScoreOptions = {}): Metric {
  return classScore('jaccard', 'jaccard_score', options, jaccardOf)
}

function classScore(
  func: string,
  title: string,
  { average = 'binary', posLabel = 1, labels, name = title }: ClassScoreOptions,
  score: TallyScore,
): Metric {
  if (!['binary', 'macro', 'micro', 'weighted'].includes(average)) {
    throw new EspalierError('metric/option', `${func}: average is ${describe(average)}`, {
      fix: "say 'binary', 'macro', 'micro' or 'weighted'",
    })
  }
  const none = { wanted: 0, predicted: 0, both: 0 }
  return confusionMetric({
    name,
    check: (classes) => average === 'binary' && checkBinary(func, classes, posLabel),
    score({ cells }: Confusion) {
      const all = tallies(cells)
      if (average === 'binary') return score(all.get(posLabel) ?? none)
      const counted = labels ? labels.map((label) => all.get(label) ?? none) : [...all.values()]
      return averaged(average, counted, score)
    },
  })
}

function checkBinary(func: string, classes: number, posLabel: number): void {
  if (classes > 2) {
    throw new EspalierError(
      'metric/average',
      `${func}: predictions are of ${classes} classes, 'binary' is for two`,
      {
        fix: `say ${func}(${func === 'fBeta' ? 'beta, ' : ''}{ average: 'macro' })`,
      },
    )
  }
  if (posLabel === 0 || posLabel === 1) return
  throw new EspalierError('metric/option', `${func}: posLabel is ${describe(posLabel)}`, {
    fix: 'it is one of the two classes, 0 or 1',
  })
}
