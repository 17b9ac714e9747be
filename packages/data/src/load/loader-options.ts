import { describe } from '../describe.js'
import { EspalierError } from '../errors.js'
import type { EpochOrder } from './order.js'

/** How samples become batches; the defaults are fastai's: 64 at a time, shuffled, an incomplete last batch left out. */
export interface LoaderOptions<Item = unknown> {
  readonly bs?: number
  /** Batch size of validation; default `bs`. */
  readonly valBs?: number
  readonly seed?: number
  readonly shuffle?: boolean
  /** Shuffles validation too. Default false. */
  readonly valShuffle?: boolean
  readonly dropLast?: boolean
  /** Which training samples an epoch has where it is shuffled, such as `partialDl(1000)` draws. */
  readonly order?: EpochOrder
  /**
   * Draws training items in proportion to these (fastai's `weighted_dataloaders`): a function of an item, or a list
   * for all items. Another way to say `order`.
   */
  readonly weights?: readonly number[] | ((item: Item) => number)
  readonly prefetch?: number
  readonly workers?: number | undefined
}

/** The names in {@link LoaderOptions}. */
export const loaderOptionNames: readonly string[] = Object.keys({
  ...{ bs: true, valBs: true, seed: true, shuffle: true, valShuffle: true },
  ...{ dropLast: true, order: true, weights: true, prefetch: true, workers: true },
} satisfies Readonly<Record<keyof LoaderOptions, true>>)

/** The weights of the training items, from those of all items. */
export function trainingWeights<Item>(
  weights: readonly number[] | ((item: Item) => number),
  items: readonly Item[],
  train: readonly number[],
): number[] {
  if (typeof weights === 'function') return train.map((i) => weights(items[i]!))
  if (!Array.isArray(weights)) {
    throw new EspalierError(
      'loader/weights',
      `weights must be a list or a function of an item, got ${describe(weights)}`,
      { fix: 'say weights: (item) => (labelOf(item) === rare ? 10 : 1)' },
    )
  }
  if (weights.length === items.length) return train.map((i) => weights[i]!)
  throw new EspalierError('loader/weights', `there are ${weights.length} weights for ${items.length} items`, {
    fix: 'give one for each item, validation included: the splitter chooses among them',
  })
}
