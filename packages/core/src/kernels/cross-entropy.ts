import { EspalierError, type TypedArray } from '@espalier/data'
import { hostCompute, hostDecision } from '../engine/host.js'
import { defineKernel } from '../engine/kernel.js'
import * as tf from '../engine/tf.js'
import { checkRank, shapeError } from './check.js'
import { isFew } from './few.js'

/**
 * −log softmax(logits)[label] of each row: logits `[n, c]`, labels `[n]` int32 → `[n]`. A label outside 0 … c−1
 * is an error that names it.
 */
export function sparseCrossEntropy(logits: tf.Tensor2D, labels: tf.Tensor1D): tf.Tensor1D {
  const op = 'crossEntropy'
  checkRank(op, 'the logits', logits, 2)
  checkRank(op, 'the labels', labels, 1)
  const [n, c] = logits.shape
  if (labels.size !== n) throw shapeError(op, `${n} rows of logits but ${labels.size} labels`)
  hostDecision([labels], ([given]) => checkLabels(given!, c))
  return crossEntropyKernel({ logits, labels }, {})[0] as tf.Tensor1D
}

function checkLabels(labels: TypedArray, c: number): void {
  const outside = labels.find((label) => label < 0 || label >= c || !Number.isInteger(label))
  if (outside === undefined) return
  throw new EspalierError(
    'loss/label',
    `crossEntropy: label ${outside} is not one of the ${c} classes 0 … ${c - 1}`,
    { fix: 'compare the vocabulary of the data with the number of outputs of the model' },
  )
}

/** `logits`, `labels` → the loss of each row and its gradient, softmax − one-hot. */
export const crossEntropyKernel = defineKernel<{ logits: tf.Tensor; labels: tf.Tensor }, object>({
  name: 'EspalierSparseCrossEntropy',
  compose: ({ logits, labels }) =>
    hostCompute(
      [logits, labels],
      [
        { shape: labels.shape, unset: true },
        { shape: logits.shape, unset: true },
      ],
      ([x, y], [loss, slope]) => softmaxLoss(x!, y!, loss!, slope!),
    ),
  saves: { outputs: [1] },
  gradient: ([dLoss], [slope]) => ({ logits: () => scaledRows(slope!, dLoss!) }),
})

/** Each row of `[…, c]` times its factor. */
function scaledRows(rows: tf.Tensor, factors: tf.Tensor): tf.Tensor {
  if (!isFew(rows)) return tf.mul(tf.expandDims(factors, -1), rows)
  const c = rows.shape.at(-1)!
  return hostCompute([rows, factors], [{ shape: rows.shape, unset: true }], ([r, f], [out]) => {
    for (let i = 0; i < out!.length; i++) out![i] = r![i]! * f![Math.floor(i / c)]!
  })[0]!
}

function softmaxLoss(logits: TypedArray, labels: TypedArray, loss: TypedArray, slope: TypedArray): void {
  const c = logits.length / labels.length
  const row = new Float64Array(c)
  for (let i = 0; i < labels.length; i++) {
    const at = i * c
    let max = Number.NEGATIVE_INFINITY
    for (let j = 0; j < c; j++) max = Math.max(max, logits[at + j]!)
    let sum = 0
    for (let j = 0; j < c; j++) {
      const below = logits[at + j]! - max
      row[j] = below === 0 ? 1 : Math.exp(below)
      sum += row[j]!
    }
    loss[i] = Math.log(sum) + max - logits[at + labels[i]!]!
    for (let j = 0; j < c; j++) slope[at + j] = row[j]! / sum - (j === labels[i] ? 1 : 0)
  }
}
