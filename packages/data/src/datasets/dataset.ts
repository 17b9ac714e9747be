import { describe } from '../describe.js'
import type { Pipeline } from '../transform/pipeline.js'
import type { TransformContext } from '../transform/transform.js'

/** Samples by position. `id` names one in messages and results: a file, a row. */
export interface Dataset {
  readonly length: number
  sample(index: number, context: TransformContext): Promise<readonly unknown[]>
  id(index: number): string
  /** What the samples are made from, in order, for telling whether it has changed. Default: the items. */
  fingerprint?(): AsyncIterable<Uint8Array | string>
  /** Of what `sample` is made, for loaders that divide the work: each pipeline over the item, one after the other. */
  readonly recipe?:
    | {
        readonly pipelines: readonly Pipeline<never>[]
        item(index: number): unknown
      }
    | undefined
}

/** How an item is called in a message: a path as it is, anything else by its position or, without one, by what it holds. */
export function itemId(item: unknown, index?: number): string {
  if (typeof item === 'string') return item
  return index === undefined ? describe(item) : `item ${index}`
}
