import { checkOptions } from '../check-options.js'
import { Random } from '../random/random.js'
import { checkShare } from './share.js'
import type { Splitter } from './splitter.js'

/** How many items a {@link randomSplitter} holds out, and which. */
export interface RandomSplitterOptions {
  /** The share of the items that validates, rounded down. Default 0.2. */
  readonly validPct?: number
  /** Default 42. */
  readonly seed?: number
}

/**
 * Holds out a random `validPct` of the items (fastai's `RandomSplitter`). The same seed and number of items
 * always give the same split; it is not the permutation that PyTorch draws from that seed.
 */
export function randomSplitter(options: RandomSplitterOptions = {}): Splitter {
  checkOptions('randomSplitter', options, ['validPct', 'seed'])
  const { validPct = 0.2, seed = 42 } = options
  checkShare('randomSplitter', 'validPct', validPct)
  return (items) => {
    const order = new Random(seed, 'split').permutation(items.length)
    const cut = Math.floor(validPct * items.length)
    return [order.slice(cut), order.slice(0, cut)]
  }
}
