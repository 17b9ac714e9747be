import { type NdArray, ndArray } from '../nd-array.js'
import type { Cell } from './block.js'
import type { Vocab } from './vocab.js'

/** The labels predicted for an item: none, one or several. */
export interface MultiCategoryPrediction {
  /** Those whose probability is above the threshold, in the order of the vocabulary. */
  readonly labels: readonly string[]
  readonly indices: readonly number[]
  /** Of each class by itself, in the order of the vocabulary. */
  readonly probabilities: Float32Array
}

/** From which probability on a label counts as predicted, unless another is given. */
export const defaultThresh = 0.5

/** A row of probabilities as the labels that are likely enough. */
export function readLabels(
  vocab: Vocab,
  probabilities: Float32Array,
  thresh = defaultThresh,
): MultiCategoryPrediction {
  const indices = Array.from(probabilities.keys()).filter((i) => probabilities[i]! > thresh)
  return { labels: indices.map((i) => vocab.at(i)), indices, probabilities }
}

/** The classes of an item, from their numbers (int32) or from a place for each class (any other type). */
export function codesOf(array: NdArray): NdArray<'int32'> {
  if (array.dtype === 'int32') return array as NdArray<'int32'>
  const codes = Array.from(array.data.keys()).filter((i) => array.data[i]! > 0.5)
  return ndArray('int32', [codes.length], codes, 'multicategory')
}

/** Labels as one text. */
export function labelsCell(vocab: Vocab, array: NdArray): Cell {
  return { text: Array.from(codesOf(array).data, (i) => vocab.at(i)).join('; ') }
}
