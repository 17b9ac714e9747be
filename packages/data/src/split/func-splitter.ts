import { describe } from '../describe.js'
import { EspalierError } from '../errors.js'
import { type Splitter, splitAt } from './splitter.js'

/** Validates on the items for which `isValid` is true (fastai's `FuncSplitter`). */
export function funcSplitter<Item>(isValid: (item: Item, index: number) => boolean): Splitter<Item> {
  if (typeof isValid !== 'function') {
    throw new EspalierError('split/func', `funcSplitter takes a function, got ${describe(isValid)}`, {
      fix: "say which items validate: funcSplitter((path) => path.includes('/valid/'))",
    })
  }
  return (items) =>
    splitAt(
      items.length,
      items.flatMap((item, i) => (isValid(item, i) ? [i] : [])),
    )
}
