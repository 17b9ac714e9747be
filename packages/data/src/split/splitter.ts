import { describe, describeNumber } from '../describe.js'
import { EspalierError, reasonOf } from '../errors.js'

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
  if (!Array.isArray(valid)) {
    throw new EspalierError('split/index', `the validation indices must be a list, got ${describe(valid)}`, {
      fix: 'say indexSplitter([0, 5, 7])',
    })
  }
  const held = new Set(valid)
  checkIndices('validation', valid, n)
  return [Array.from({ length: n }, (_, i) => i).filter((i) => !held.has(i)), valid]
}

/** Splits items, and throws where what comes back is no split of them. */
export function splitItems<Item>(splitter: Splitter<Item>, items: readonly Item[]): Splits {
  if (typeof splitter !== 'function') {
    throw new EspalierError('split/invalid', `a splitter must be a function, got ${describe(splitter)}`, {
      fix: 'say splitter: randomSplitter({ validPct: 0.2 })',
    })
  }
  const splits = splitOrExplain(splitter, items)
  if (!Array.isArray(splits) || splits.length !== 2 || !splits.every(Array.isArray)) {
    throw new EspalierError('split/invalid', `the splitter returned ${describe(splits)}`, {
      fix:
        typeof splits === 'function'
          ? 'call it: splitter: randomSplitter()'
          : 'it must return two lists of positions: [train, valid]',
    })
  }
  checkIndices('training', splits[0], items.length)
  checkIndices('validation', splits[1], items.length)
  if (splits[0].length === 0) {
    throw new EspalierError('block/no-train', `the splitter left no training item out of ${items.length}`, {
      fix: 'hold out fewer',
    })
  }
  if (splits[1].length === 0 && !splitter.mayBeEmpty) {
    throw new EspalierError(
      'block/no-valid',
      `the validation set is empty: the splitter held out none of ${items.length} items`,
      { fix: 'hold out more, or say splitter: noSplitter() to train without validation' },
    )
  }
  return splits
}

function splitOrExplain<Item>(splitter: Splitter<Item>, items: readonly Item[]): Splits {
  try {
    return splitter(items)
  } catch (error) {
    if (error instanceof EspalierError) throw error
    throw new EspalierError(
      'split/failed',
      `the splitter failed on ${items.length} items: ${reasonOf(error)}`,
      {
        cause: error,
      },
    )
  }
}

function checkIndices(which: string, indices: readonly number[], n: number): void {
  const outside = indices.find((i) => !Number.isInteger(i) || i < 0 || i >= n)
  if (outside === undefined) return
  throw new EspalierError(
    'split/index',
    `the ${which} index ${describeNumber(outside)} is not one of the ${n} items`,
    { fix: `positions are whole numbers from 0 to ${n - 1}` },
  )
}
