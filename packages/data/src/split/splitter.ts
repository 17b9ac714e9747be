import { itemId } from '../datasets/dataset.js'
import { describe, describeNumber } from '../describe.js'
import { EspalierError, reasonOf } from '../errors.js'

/** Positions of the training items, of the validation items, and of further parts if there are any. */
export type Splits = readonly [
  train: readonly number[],
  valid: readonly number[],
  ...more: readonly (readonly number[])[],
]

/** Decides which items train and which validate. */
export interface Splitter<Item = unknown> {
  (items: readonly Item[]): Splits
  /** True when an empty validation set is what the caller asked for. */
  readonly mayBeEmpty?: boolean
  /** True when validating on training items is what the caller asked for. */
  readonly mayOverlap?: boolean
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
  if (!Array.isArray(splits) || splits.length < 2 || !splits.every(Array.isArray)) {
    throw new EspalierError('split/invalid', `the splitter returned ${describe(splits)}`, {
      fix:
        typeof splits === 'function'
          ? 'call it: splitter: randomSplitter()'
          : 'it must return two lists of positions: [train, valid]',
    })
  }
  for (const [i, part] of splits.entries()) checkIndices(partName(i), part, items.length)
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
  if (!splitter.mayOverlap) checkDisjoint(splits, items)
  return splits
}

/** The positions that lie in more than one part, in ascending order. */
export function overlapOf(splits: Splits): number[] {
  const seen = new Set<number>()
  const shared = new Set<number>()
  for (const part of splits) {
    const own = new Set(part)
    for (const i of own) (seen.has(i) ? shared : seen).add(i)
  }
  return [...shared].sort((a, b) => a - b)
}

/** What is learnt from an item says nothing about how well the model does on it. */
function checkDisjoint(splits: Splits, items: readonly unknown[]): void {
  const shared = overlapOf(splits)
  if (shared.length === 0) return
  const names = shared.slice(0, 3).map((i) => itemId(items[i], i))
  throw new EspalierError(
    'split/overlap',
    `the splitter put ${shared.length} of ${items.length} items on more than one side, such as ${names.join(', ')}: they would train and validate`,
    {
      fix: 'give each item one side, or say that it is meant: Object.assign(splitter, { mayOverlap: true })',
    },
  )
}

/** How a part of a split is called in a message. */
function partName(i: number): string {
  return ['training', 'validation'][i] ?? `part ${i}`
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
