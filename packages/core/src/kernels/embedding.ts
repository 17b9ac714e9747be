import { EspalierError } from '@espalier/data'
import { hostCompute, hostDecision, readHost } from '../engine/host.js'
import { defineKernel } from '../engine/kernel.js'
import * as tf from '../engine/tf.js'
import { checkRank, shapeError } from './check.js'

/** How a sum over segments is laid out. */
export interface SegmentSumAttrs {
  /** How many segments there are, empty ones included. */
  readonly count: number
}

/** Rows of `weight` `[n, d]` at `indices` (int32, any shape `[…]`) → `[…, d]`. */
export function embed(weight: tf.Tensor2D, indices: tf.Tensor): tf.Tensor {
  checkLookup(weight, indices)
  return embeddingKernel({ weight, indices }, {})[0]!
}

/** Throws unless there are rows at all these indices. */
export function checkLookup(weight: tf.Tensor2D, indices: tf.Tensor): void {
  checkRank('embedding', 'the weight', weight, 2)
  if (indices.dtype !== 'int32') throw shapeError('embedding', `indices must be int32, got ${indices.dtype}`)
  const [n] = weight.shape
  const outside = hostDecision([indices], ([ids]) => ids!.find((i) => i < 0 || i >= n))
  if (outside === undefined) return
  throw new EspalierError('embedding/index', `embedding: index ${outside} is not one of the ${n} rows`, {
    fix: 'the vocabulary of the data and the size of the embedding must agree',
  })
}

/** Sums the rows of `values` `[m, d]` that share an id: `ids` `[m]` int32 → `[count, d]`. */
export function segmentSum(values: tf.Tensor2D, ids: tf.Tensor1D, count: number): tf.Tensor2D {
  checkRank('segmentSum', 'the values', values, 2)
  checkRank('segmentSum', 'the ids', ids, 1)
  if (values.shape[0] !== ids.size)
    throw shapeError('segmentSum', `${values.shape[0]} rows but ${ids.size} ids`)
  const outside = readHost(ids).find((i) => i < 0 || i >= count)
  if (outside !== undefined)
    throw shapeError('segmentSum', `id ${outside} is not one of the ${count} segments`)
  return segmentSumKernel({ values, ids }, { count })[0] as tf.Tensor2D
}

/** `weight`, `indices` → rows. */
export const embeddingKernel = defineKernel<{ weight: tf.Tensor2D; indices: tf.Tensor }, object>({
  name: 'EspalierEmbedding',
  compose: ({ weight, indices }) => tf.gather(weight, indices as tf.Tensor1D),
  saves: { inputs: ['weight', 'indices'] },
  gradient: ([dy], [weight, indices]) => {
    const [count, d] = weight!.shape as [number, number]
    const values = () => tf.reshape<tf.Rank.R2>(dy!, [-1, d])
    return { weight: () => segmentSum(values(), tf.reshape(indices!, [-1]), count) }
  },
})

/** `values`, `ids` → sums. */
export const segmentSumKernel = defineKernel<{ values: tf.Tensor2D; ids: tf.Tensor1D }, SegmentSumAttrs>({
  name: 'EspalierSegmentSum',
  compose: ({ values, ids }, { count }) => {
    const d = values.shape[1]
    return hostCompute([values, ids], [{ shape: [count, d] }], ([v, at], [out]) => {
      for (let i = 0; i < at!.length; i++) {
        const to = at![i]! * d
        for (let j = 0; j < d; j++) out![to + j]! += v![i * d + j]!
      }
    })
  },
  saves: { inputs: ['ids'] },
  gradient: ([dy], [ids]) => ({ values: () => tf.gather(dy!, ids as tf.Tensor1D) }),
})
