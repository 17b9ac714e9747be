import { checkOptions } from '../check-options.js'
import { EspalierError } from '../errors.js'
import { Random } from '../random/random.js'
import { checkShare } from './share.js'
import type { Splitter } from './splitter.js'

/** Which shares of the items a {@link randomSubsetSplitter} uses. */
export interface RandomSubsetSplitterOptions {
  /** The share that trains. */
  readonly trainSz: number
  /** The share that validates. */
  readonly validSz: number
  /** Default 42. */
  readonly seed?: number
}

/**
 * Trains on a random share of the items and validates on another, both rounded down; the rest is left out, as for a
 * first trial on a large set (fastai's `RandomSubsetSplitter`).
 */
export function randomSubsetSplitter(options: RandomSubsetSplitterOptions): Splitter {
  checkOptions('randomSubsetSplitter', options, ['trainSz', 'validSz', 'seed'])
  const { trainSz, validSz, seed = 42 } = options ?? {}
  checkShare('randomSubsetSplitter', 'trainSz', trainSz)
  checkShare('randomSubsetSplitter', 'validSz', validSz)
  if (trainSz + validSz > 1 + 1e-9) {
    throw new EspalierError(
      'split/pct',
      `randomSubsetSplitter: trainSz ${trainSz} and validSz ${validSz} are more than everything`,
      { fix: 'they are shares of the items that must not overlap: 0.1 and 0.02' },
    )
  }
  return ({ length: n }) => {
    const order = new Random(seed, 'split').permutation(n)
    const [train, valid] = [Math.floor(trainSz * n), Math.floor(validSz * n)]
    return [order.slice(0, train), order.slice(train, train + valid)]
  }
}
