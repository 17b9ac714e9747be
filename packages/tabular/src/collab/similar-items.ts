import type { CollabLearner } from './collab-learner.js'
import { howMany } from './how-many.js'
import type { IdOf } from './ids.js'

/** An item, and the cosine between its vector and that of the item asked about. */
export interface SimilarItem {
  readonly item: IdOf
  readonly similarity: number
}

/** The items whose vectors point where that of an item does, most similar first. A number stands for `k`. */
export function similarItems(
  learn: CollabLearner,
  item: IdOf,
  given: number | { readonly k?: number } = {},
): SimilarItem[] {
  const { k } = howMany('similarItems', given, ['k'])
  const [code] = learn.item.codes([item]) as [number]
  const { weight, nDim } = learn.vectors('item')
  const values = weight.dataSync<'float32'>()
  const dot = (a: number, b: number) => {
    let sum = 0
    for (let j = 0; j < nDim; j++) sum += values[a * nDim + j]! * values[b * nDim + j]!
    return sum
  }
  const own = dot(code, code)
  return learn.item.names
    .map((_, i) => ({ i, similarity: dot(code, i) / (Math.sqrt(own * dot(i, i)) || 1) }))
    .filter(({ i }) => i > 0 && i !== code)
    .sort((a, b) => b.similarity - a.similarity)
    .slice(0, k)
    .map(({ i, similarity }) => ({ item: learn.item.id(i), similarity }))
}
