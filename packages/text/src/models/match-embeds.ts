import { type SafeTensor, toFloat32 } from '@espalier/core'

/** Weights by name. */
export type Weights = ReadonlyMap<string, SafeTensor>

const table = '0.encoder.weight'
const decoder = '1.decoder.weight'
const bias = '1.decoder.bias'

/**
 * The weights of a language model for another vocabulary (fastai's `match_embeds`): words that both have keep their
 * numbers, the others get the mean of all words.
 */
export function matchEmbeds(
  weights: Weights,
  oldVocab: readonly string[],
  newVocab: readonly string[],
): Map<string, SafeTensor> {
  const matched = new Map(weights)
  const move = (from: string, to: readonly string[]) => {
    const t = weights.get(from)
    if (!t) return
    const moved = movedRows(toFloat32(from, t), t.shape, oldVocab, newVocab)
    for (const name of to) matched.set(name, moved)
  }
  move(table, [table, '0.encoder_dp.emb.weight', decoder])
  move(decoder, [decoder])
  move(bias, [bias])
  return matched
}

/** Rows of another order: those of words that are new are the mean of all. */
function movedRows(
  data: Float32Array,
  given: readonly number[],
  oldVocab: readonly string[],
  newVocab: readonly string[],
): SafeTensor {
  const [n = 0, width = 1] = given
  const sums = new Float64Array(width)
  for (let i = 0; i < data.length; i++) sums[i % width]! += data[i]!
  const usual = Float32Array.from(sums, (sum) => sum / n)
  const places = new Map<string, number>()
  for (const [i, word] of oldVocab.entries()) if (i < n && !places.has(word)) places.set(word, i)
  const moved = new Float32Array(newVocab.length * width)
  for (const [i, word] of newVocab.entries()) {
    const from = places.get(word)
    moved.set(from === undefined ? usual : data.subarray(from * width, (from + 1) * width), i * width)
  }
  return { dtype: 'F32', shape: [newVocab.length, ...given.slice(1)], bytes: new Uint8Array(moved.buffer) }
}
