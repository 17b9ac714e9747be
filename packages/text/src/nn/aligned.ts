import { tf } from '@espalier/core'
import { readHost } from '@espalier/core/kernels'
import { spansOf } from './spans.js'

/**
 * Texts that each begin where a chunk begins. Those of `padInputChunk` do so and stay as they are; others are moved:
 * padding in whole chunks in front, the rest behind.
 */
export function aligned(
  words: tf.Tensor2D,
  { bptt, padIdx }: { readonly bptt: number; readonly padIdx: number },
): tf.Tensor2D {
  const [b, length] = words.shape
  const ids = readHost(words)
  const spans = spansOf(ids, words.shape, padIdx)
  if (spans.every(({ start }) => start % bptt === 0)) return words
  const chunks = (n: number) => Math.ceil(n / bptt)
  const most = Math.max(...spans.map(({ start, end }) => chunks(end - start)))
  const moved = new Int32Array(b * most * bptt).fill(padIdx)
  for (const [i, { start, end }] of spans.entries()) {
    const before = (most - chunks(end - start)) * bptt
    const text = ids.slice(i * length + start, i * length + end) as Int32Array
    moved.set(text, i * most * bptt + before)
  }
  return tf.tensor2d(moved, [b, most * bptt], 'int32')
}
