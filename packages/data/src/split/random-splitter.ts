import { describeNumber } from '../describe.js'
import { EspalierError } from '../errors.js'
import { Random } from '../random/random.js'
import type { Splitter } from './splitter.js'

/**
 * Holds out a random `validPct` of the items (fastai's `RandomSplitter`). The same seed and number of items
 * always give the same split; it is not the permutation that PyTorch draws from that seed.
 */
export function randomSplitter({ validPct = 0.2, seed = 42 } = {}): Splitter {
  if (typeof validPct !== 'number' || !(validPct >= 0 && validPct < 1)) {
    throw new EspalierError(
      'split/pct',
      `randomSplitter: validPct must be in [0, 1), got ${describeNumber(validPct)}`,
      { fix: 'it is a share of the items: 0.2 for a fifth' },
    )
  }
  return (items) => {
    const order = new Random(seed, 'split').permutation(items.length)
    const cut = Math.floor(validPct * items.length)
    return [order.slice(cut), order.slice(0, cut)]
  }
}
