import { EspalierError, type TypedArray } from '@espalier/data'
import { hostDecision, readHost } from '../engine/host.js'
import * as tf from '../engine/tf.js'
import { checkWeights } from './check-options.js'

/** How classes weigh in a loss, and which places do not count. */
export interface ClassOptions {
  /** A weight for each class, in the order of the vocabulary. */
  readonly weight?: readonly number[]
  /** The label of places that do not count. Default −100. */
  readonly ignoreIndex?: number
}

/** Logits as rows of classes, with the label of each row. */
export interface ClassRows {
  readonly logits: tf.Tensor2D
  /** Labels of rows that do not count are 0. */
  readonly labels: tf.Tensor1D
  /** What each row weighs; undefined where all weigh 1. */
  readonly weights?: tf.Tensor1D
  /** The sum of the weights, and how many rows count. */
  readonly total: number
  readonly counted: number
}

/** Throws where the options of a loss over classes are none. */
export function checkClassOptions(loss: string, { weight, ignoreIndex = -100 }: ClassOptions): void {
  checkWeights(loss, 'weight', weight)
  if (Number.isInteger(ignoreIndex)) return
  throw new EspalierError('loss/option', `${loss}: ignoreIndex is ${ignoreIndex}`, {
    fix: 'it is a label, such as -100',
  })
}

/** Takes logits `[b, …, c]` and class numbers `[b, …]` apart; throws where they do not fit together. */
export function classRows(
  loss: string,
  pred: tf.Tensor,
  target: tf.Tensor,
  { weight, ignoreIndex = -100 }: ClassOptions,
): ClassRows {
  const c = pred.shape.at(-1) ?? 0
  if (weight && weight.length !== c) {
    throw new EspalierError('loss/weight', `${loss}: ${weight.length} class weights for ${c} classes`, {
      fix: 'give one weight for each class, in the order of the vocabulary',
    })
  }
  const n = pred.size / c
  if (target.size !== n) throw wrongSize(loss, pred, target)
  const logits = tf.reshape<tf.Rank.R2>(pred, [-1, c])
  const counted = hostDecision([target], ([labels]) => countLabels(loss, labels!, c, ignoreIndex))
  if (!weight && counted === n) {
    return { logits, labels: tf.reshape(tf.cast(target, 'int32'), [-1]), total: n, counted }
  }
  const given = readHost(target)
  const [labels, weights] = [new Int32Array(n), new Float32Array(n)]
  let total = 0
  for (let i = 0; i < n; i++) {
    const label = given[i]!
    if (label === ignoreIndex) continue
    labels[i] = label
    weights[i] = weight?.[label] ?? 1
    total += weights[i]!
  }
  return { logits, labels: tf.tensor1d(labels, 'int32'), weights: tf.tensor1d(weights), total, counted }
}

/** How many places count; throws at a label that is no class. */
function countLabels(loss: string, labels: TypedArray, c: number, ignoreIndex: number): number {
  let counted = 0
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i]!
    if (label === ignoreIndex) continue
    if (!(label >= 0 && label < c && Number.isInteger(label))) throw noClass(loss, label, c)
    counted++
  }
  return counted
}

function wrongSize(loss: string, pred: tf.Tensor, target: tf.Tensor): EspalierError {
  const rows = pred.size / pred.shape.at(-1)!
  const oneHot = target.size === pred.size
  return new EspalierError(
    'loss/size',
    `${loss}: ${rows} rows of logits but ${target.size} labels: predictions [${pred.shape}], targets [${target.shape}]`,
    {
      fix: oneHot
        ? 'targets are class numbers, not one-hot rows; where several labels can hold at once use bceWithLogitsLossFlat()'
        : 'predictions are [b, …, classes], targets the same without the last axis',
    },
  )
}

function noClass(loss: string, label: number, c: number): EspalierError {
  return new EspalierError(
    'loss/label',
    `${loss}: label ${label} is not one of the ${c} classes 0 … ${c - 1}`,
    {
      fix: 'compare the vocabulary of the data with the number of outputs of the model',
    },
  )
}
