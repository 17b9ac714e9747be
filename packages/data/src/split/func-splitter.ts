import { type Splitter, splitAt } from './splitter.js'

/** Validates on the items for which `isValid` is true (fastai's `FuncSplitter`). */
export function funcSplitter<Item>(isValid: (item: Item, index: number) => boolean): Splitter<Item> {
  return (items) =>
    splitAt(
      items.length,
      items.flatMap((item, i) => (isValid(item, i) ? [i] : [])),
    )
}
