import { EspalierError } from '../errors.js'

/** Positions of the training items and of the validation items. */
export type Splits = readonly [train: readonly number[], valid: readonly number[]]

/** Decides which items train and which validate. */
export interface Splitter<Item = unknown> {
  (items: readonly Item[]): Splits
  /** True when an empty validation set is what the caller asked for. */
  readonly mayBeEmpty?: boolean
}

/** Everything but `valid`, in ascending order, and `valid` as it is (fastai's `IndexSplitter`). */
export function splitAt(n: number, valid: readonly number[]): Splits {
  const held = new Set(valid)
  const outside = valid.find((i) => !Number.isInteger(i) || i < 0 || i >= n)
  if (outside !== undefined) {
    throw new EspalierError('split/index', `the validation index ${outside} is not one of the ${n} items`)
  }
  return [Array.from({ length: n }, (_, i) => i).filter((i) => !held.has(i)), valid]
}
