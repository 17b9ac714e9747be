import { hostAccumulate, hostCompute } from '../engine/host.js'
import { defineKernel } from '../engine/kernel.js'
import * as tf from '../engine/tf.js'
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
  compose({ weight, indices }, { kept, scale }) {
    const d = weight.shape[1]
    const shape = [...indices.shape, d]
    const [rows] = hostCompute([weight, indices], [{ shape, unset: true }], ([table, at], [out]) =>
      copyRows(table as Float32Array, at as Int32Array, kept, out as Float32Array, d),
    )
    return scale === 1 ? rows! : tf.mul(rows!, scale)
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
  kept: Float32Array | undefined,
  out: Float32Array,
  d: number,
): void {
  for (let i = 0; i < at.length; i++) {
    if (kept?.[i] === 0) out.fill(0, i * d, (i + 1) * d)
    else out.set(table.subarray(at[i]! * d, (at[i]! + 1) * d), i * d)
  }
}
