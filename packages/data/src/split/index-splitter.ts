import { type Splitter, splitAt } from './splitter.js'

/** Validates on the items at `valid`, trains on the rest in ascending order (fastai's `IndexSplitter`). */
export function indexSplitter(valid: readonly number[]): Splitter {
  return (items) => splitAt(items.length, valid)
}
