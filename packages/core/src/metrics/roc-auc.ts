import { describe, EspalierError, type NdArray } from '@espalier/data'
import { accumulated } from './accum-metric.js'
import type { ProbabilityOptions } from './brier-score.js'
import type { Metric } from './metric.js'
import { defined, type LabelAverage, overLabels } from './over-labels.js'
import { aucOf } from './rank-scores.js'

/** How several classes become one number. */
export interface RocAucOptions extends ProbabilityOptions {
  /** Each class against all others, or each pair of classes. Default ovr. */
  readonly multiClass?: 'ovr' | 'ovo'
  /** The mean over classes or pairs, or by how often they are wanted; for `ovr` also `micro`. Default macro. */
  readonly average?: 'macro' | 'weighted' | 'micro'
}

/**
 * Area under the ROC curve of the probabilities of classes (fastai's `RocAuc`). Classes that the epoch has no item of,
 * or nothing else, are left out.
 *
 * @example
 * metrics: [rocAuc({ multiClass: 'ovo' })]
 */
export function rocAuc({
  multiClass = 'ovr',
  average = 'macro',
  input = 'logits',
  name = 'roc_auc_score',
}: RocAucOptions = {}): Metric {
  if (multiClass === 'ovo' && average === 'micro') {
    throw new EspalierError('metric/option', "rocAuc: there is no average 'micro' of pairs of classes", {
      fix: "say 'macro' or 'weighted', or multiClass: 'ovr'",
    })
  }
  const score = multiClass === 'ovo' ? overPairs : overClasses
  const activation = input === 'logits' ? 'softmax' : 'none'
  return accumulated((p, t) => score(average, p, t), { name, flatten: false, activation }, 'classes')
}

/** How much of the curve counts. */
export interface RocAucBinaryOptions extends ProbabilityOptions {
  /** Only up to this false positive rate, scaled so that chance is 0.5. Default 1, all of it. */
  readonly maxFpr?: number
}

/** Area under the ROC curve of the probability of the second of two classes (fastai's `RocAucBinary`). */
export function rocAucBinary({
  maxFpr = 1,
  input = 'logits',
  name = 'roc_auc_score',
}: RocAucBinaryOptions = {}): Metric {
  checkMaxFpr('rocAucBinary', maxFpr)
  const activation = input === 'logits' ? 'binarySoftmax' : 'lastClass'
  const score = (p: NdArray, { data }: NdArray) =>
    defined(aucOf(maxFpr)(p.data as Float32Array, (i) => data[i] === 1))
  return accumulated(score, { name, activation }, 'classes')
}

/** How several labels become one number. */
export interface RocAucMultiOptions extends RocAucBinaryOptions {
  /** Over labels, by how often they are wanted, over items, or of all at once. Default macro. */
  readonly average?: LabelAverage
}

/** Area under the ROC curve of labels of which several can hold (fastai's `RocAucMulti`). */
export function rocAucMulti({
  average = 'macro',
  maxFpr = 1,
  input = 'logits',
  name = 'roc_auc_score',
}: RocAucMultiOptions = {}): Metric {
  checkMaxFpr('rocAucMulti', maxFpr)
  const activation = input === 'logits' ? 'sigmoid' : 'none'
  const score = (p: NdArray, t: NdArray) => overLabels(average, p, t.data, aucOf(maxFpr))
  return accumulated(score, { name, flatten: false, activation }, 'labels')
}

function overClasses(average: LabelAverage, preds: NdArray, { data: targets }: NdArray): number | undefined {
  const c = preds.shape.at(-1)!
  const wanted = new Uint8Array(preds.data.length)
  for (let i = 0; i < targets.length; i++) wanted[i * c + targets[i]!] = 1
  return overLabels(average, preds, wanted, aucOf())
}

/** Each pair of classes among the items of both: the mean of the areas of either's probability. */
function overPairs(
  average: LabelAverage,
  { data, shape }: NdArray,
  { data: targets }: NdArray,
): number | undefined {
  const c = shape.at(-1)!
  const rows = new Map<number, number[]>()
  for (const [i, label] of targets.entries()) {
    const same = rows.get(label)
    if (same) same.push(i)
    else rows.set(label, [i])
  }
  const auc = aucOf()
  let [sum, weights] = [0, 0]
  const present = [...rows].sort(([a], [b]) => a - b)
  for (const [k, [a, ofA]] of present.entries()) {
    for (const [b, ofB] of present.slice(k + 1)) {
      const both = [...ofA, ...ofB]
      const area = (label: number, isWanted: (i: number) => boolean) =>
        auc(
          Float32Array.from(both, (row) => data[row * c + label]!),
          isWanted,
        )
      const areas = [area(a, (i) => i < ofA.length), area(b, (i) => i >= ofA.length)] as const
      const weight = average === 'weighted' ? both.length : 1
      sum += (weight * (areas[0] + areas[1])) / 2
      weights += weight
    }
  }
  return weights === 0 ? undefined : defined(sum / weights)
}

function checkMaxFpr(func: string, maxFpr: unknown): void {
  if (typeof maxFpr === 'number' && maxFpr > 0 && maxFpr <= 1) return
  throw new EspalierError('metric/option', `${func}: maxFpr is ${describe(maxFpr)}`, {
    fix: 'give a rate above 0 and up to 1',
  })
}
