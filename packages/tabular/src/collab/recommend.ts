import { holdModes, noGrad, tf } from '@espalier/core'
import { EspalierError, listed } from '@espalier/data'
import { TableDataset } from '../data/table-dataset.js'
import type { CollabLearner } from './collab-learner.js'
import { howMany } from './how-many.js'
import type { IdOf } from './ids.js'

/** An item and the rating that a user is expected to give it. */
export interface Recommendation {
  readonly item: IdOf
  readonly rating: number
}

/** Which items may be recommended. */
export interface RecommendOptions {
  /** How many. Default 10. */
  readonly k?: number
  /** True also those that the user has rated, in training or validation. Default false. */
  readonly withSeen?: boolean
  /** Items that are not wanted; for a loaded model, which has no ratings, those that the user has seen. */
  readonly exclude?: Iterable<IdOf>
}

/**
 * The items with the highest expected ratings, best first. A user that no training row has is rated as the cold-start
 * policy says. A number stands for `k`.
 */
export function recommend(
  learn: CollabLearner,
  user: IdOf,
  given: number | RecommendOptions = {},
): Recommendation[] {
  const names = ['k', 'withSeen', 'exclude']
  const { k, withSeen = false, exclude = [] } = howMany('recommend', given, names)
  learn.usage.alive()
  const code = learn.user.find(user)
  if (code === 0 && learn.user.strict) throw learn.user.unknown(user)
  const out = new Set([...exclude].map((id) => learn.item.find(id)))
  if (!withSeen && code > 0) for (const item of seenBy(learn, code)) out.add(item)
  const items = learn.item.names.map((_, i) => i).filter((i) => i > 0 && !out.has(i))
  const ratings = ratingsOf(learn, code, items)
  const order = items.map((_, i) => i).sort((a, b) => ratings[b]! - ratings[a]! || a - b)
  return order.slice(0, k).map((i) => ({ item: learn.item.id(items[i]!), rating: ratings[i]! }))
}

/** The codes of the items that a user has rated. */
function seenBy(learn: CollabLearner, user: number): Set<number> {
  const seen = new Set<number>()
  for (const { codes, width } of partsOf(learn)) {
    for (let i = 0; i < codes.length; i += width) if (codes[i] === user) seen.add(codes[i + 1]!)
  }
  return seen
}

/** What the model expects of a user and each of some items. */
function ratingsOf(learn: CollabLearner, user: number, items: readonly number[]): Float32Array {
  if (items.length === 0) return new Float32Array()
  const { model } = learn
  const { cats, conts, nCat, nCont } = rowsFor(learn, user, items)
  using _modes = holdModes(model)
  model.eval()
  return tf.tidy(() =>
    noGrad(() => {
      const inputs = [
        tf.tensor2d(cats, [items.length, nCat], 'int32'),
        ...(nCont > 0 ? [tf.tensor2d(conts, [items.length, nCont])] : []),
      ]
      return Float32Array.from((model.forward(...(inputs as [tf.Tensor2D])) as tf.Tensor).dataSync())
    }),
  )
}

/** A row for the user and each item: columns of the user as in any of the user's rows, those of an item likewise. */
function rowsFor(learn: CollabLearner, user: number, items: readonly number[]) {
  const { catNames, contNames } = learn.tables
  const [nCat, nCont] = [catNames.length, contNames.length]
  const cats = new Int32Array(items.length * nCat)
  const conts = new Float32Array(items.length * nCont)
  const sides = sidesOf(learn)
  const first = nCat > 2 || nCont > 0 ? firstRows(learn) : undefined
  for (const [i, item] of items.entries()) {
    cats[i * nCat] = user
    cats[i * nCat + 1] = item
    if (!first) continue
    const from = { user: first.user.get(user), item: first.item.get(item) }
    for (let c = 2; c < nCat; c++) cats[i * nCat + c] = from[sides.get(catNames[c]!)!]?.cats[c] ?? 0
    for (let c = 0; c < nCont; c++) conts[i * nCont + c] = from[sides.get(contNames[c]!)!]?.conts?.[c] ?? 0
  }
  return { cats, conts, nCat, nCont }
}

/** Whose each column beside the ids is; throws where nobody said it. */
function sidesOf({ tables, columns }: CollabLearner): ReadonlyMap<string, 'user' | 'item'> {
  const sides = new Map([
    ...columns.user.map((name) => [name, 'user'] as const),
    ...columns.item.map((name) => [name, 'item'] as const),
  ])
  const stray = [...tables.catNames.slice(2), ...tables.contNames].filter((name) => !sides.has(name))
  if (stray.length === 0) return sides
  throw new EspalierError(
    'collab/columns',
    `nobody said whether ${listed(stray)} belong to the user or to the item`,
    {
      fix: 'name them in userColumns or itemColumns of collabLearner; what belongs to neither cannot be known beforehand',
    },
  )
}

interface Part {
  readonly codes: ArrayLike<number>
  readonly width: number
  readonly conts: ArrayLike<number> | undefined
  readonly nCont: number
}

/** The rows of training and validation as they lie in memory. */
function partsOf({ tables }: CollabLearner): Part[] {
  return tables.loaders.flatMap(({ dataset }) => {
    if (!(dataset instanceof TableDataset) || dataset.length === 0) return []
    const all = Array.from({ length: dataset.length }, (_, i) => i)
    const [codes, second] = dataset.batch(all)
    const nCont = tables.contNames.length
    return [
      { codes: codes!.data, width: codes!.shape[1]!, conts: nCont > 0 ? second!.data : undefined, nCont },
    ]
  })
}

interface SideRow {
  readonly cats: readonly number[]
  readonly conts: readonly number[] | undefined
}

/** A row of each user and of each item. */
function firstRows(learn: CollabLearner): Record<'user' | 'item', Map<number, SideRow>> {
  const rows = { user: new Map<number, SideRow>(), item: new Map<number, SideRow>() }
  for (const { codes, width, conts, nCont } of partsOf(learn)) {
    for (let at = 0, c = 0; at < codes.length; at += width, c += nCont) {
      const [user, item] = [codes[at]!, codes[at + 1]!]
      if (rows.user.has(user) && rows.item.has(item)) continue
      const row = { cats: slice(codes, at, width), conts: conts && slice(conts, c, nCont) }
      if (!rows.user.has(user)) rows.user.set(user, row)
      if (!rows.item.has(item)) rows.item.set(item, row)
    }
  }
  return rows
}

function slice(values: ArrayLike<number>, from: number, n: number): number[] {
  return Array.from({ length: n }, (_, i) => values[from + i]!)
}
