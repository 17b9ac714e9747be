import { hostAccumulate, hostCompute } from '../engine/host.js'
import { defineKernel } from '../engine/kernel.js'
import type * as tf from '../engine/tf.js'
import { addRow } from './add-row.js'
import { checkLookup } from './embedding.js'

/** Which of the rows that are looked up count. */
export interface DroppedEmbeddingAttrs {
  /** 1 or 0 for each index: rows of 0 give zeros. All count where it is left out. */
  readonly kept?: Float32Array
  /** What those that count are multiplied with. */
  readonly scale: number
  /** The row that has no gradient. */
  readonly padIdx: number
}

/**
 * Rows of `weight` `[n, d]` at `indices` (int32, any shape `[…]`), some of them dropped and the others scaled →
 * `[…, d]`: lookup, mask, scale and padding in one pass, and in one pass back.
 */
export function embedDropped(
  weight: tf.Tensor2D,
  indices: tf.Tensor,
  attrs: DroppedEmbeddingAttrs,
): tf.Tensor {
  checkLookup(weight, indices)
  return droppedEmbeddingKernel({ weight, indices }, attrs)[0]!
}

/** `weight`, `indices` → rows. */
export const droppedEmbeddingKernel = defineKernel<
  { weight: tf.Tensor2D; indices: tf.Tensor },
  DroppedEmbeddingAttrs
>({
  name: 'EspalierDroppedEmbedding',
  compose({ weight, indices }, attrs) {
    const shape = [...indices.shape, weight.shape[1]]
    return hostCompute([weight, indices], [{ shape, unset: true }], ([table, at], [out]) =>
      copyRows(table as Float32Array, at as Int32Array, attrs, out as Float32Array),
    )
  },
  saves: { inputs: ['weight', 'indices'] },
  gradient: ([dy], [weight, indices], { kept, scale, padIdx }) => ({
    weight: (before) =>
      hostAccumulate(before, weight!.shape, [dy!, indices!], ([d, at], to) => {
        const width = weight!.shape[1]!
        for (let i = 0; i < at!.length; i++) {
          const factor = at![i] === padIdx || kept?.[i] === 0 ? 0 : scale
          if (factor !== 0) addRow(d as Float32Array, i * width, to, at![i]! * width, width, factor)
        }
      }),
  }),
})

function copyRows(
  table: Float32Array,
  at: Int32Array,
  { kept, scale }: DroppedEmbeddingAttrs,
  out: Float32Array,
): void {
  const d = out.length / at.length
  for (let i = 0; i < at.length; i++) {
    const [from, to] = [at[i]! * d, i * d]
    if (kept?.[i] === 0) out.fill(0, to, to + d)
    else if (scale === 1) out.set(table.subarray(from, from + d), to)
    else copyScaled(table, from, out, to, d, scale)
  }
}

function copyScaled(x: Float32Array, i: number, to: Float32Array, j: number, n: number, scale: number): void {
  for (let k = 0; k < n; k++) to[j + k] = scale * x[i + k]!
}
