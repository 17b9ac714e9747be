import type { AnyBlock } from '../blocks/block.js'
import { itemId } from '../datasets/dataset.js'
import { describe } from '../describe.js'
import { EspalierError, reasonOf } from '../errors.js'
import { SkipItem } from '../load/skip-item.js'
import type { TransformLike } from '../transform/transform.js'

/** A getter as the first step of a pipeline: its failures, and values its block does not read, name the item. */
export function readable<Item>(
  get: (item: Item) => unknown,
  what: string,
  { accepts }: AnyBlock,
): TransformLike<Item, unknown> {
  const failed = (item: Item, problem: string, cause?: unknown, fix?: string) =>
    new EspalierError('label/failed', `the ${what} ${problem} for ${itemId(item)}`, {
      fix: fix ?? 'it must return one value for every item; leave out the items that have none',
      cause,
    })
  const named = (item: Item, error: unknown) =>
    error instanceof EspalierError || error instanceof SkipItem
      ? error
      : failed(item, `threw "${reasonOf(error)}"`, error)
  return {
    name: get.name || what,
    local: true,
    encode(item) {
      const present = (value: unknown) => {
        if (value === undefined || value === null) throw failed(item, `returned ${value}`)
        const fix = accepts?.(value)
        if (fix) throw failed(item, `returned ${describe(value)}`, undefined, fix)
        return value
      }
      try {
        const value = get(item)
        if (!(value instanceof Promise)) return present(value)
        return value.then(present).catch((error) => Promise.reject(named(item, error)))
      } catch (error) {
        throw named(item, error)
      }
    },
  }
}
