import { Random } from '@espalier/data'
import type { Learner } from '../learner/learner.js'
import { loaderOf, type WhichItems } from '../learner/which-items.js'
import type { Figure } from '../report/figure.js'
import { resultGrid, type ShownResult } from '../report/result-grid.js'
import { type LookedAt, lookAt } from './look-at.js'

/** Which samples `showResults` draws, and how many. */
export interface ShowResultsOptions extends WhichItems {
  readonly maxN?: number
  /** False shows the first ones. Default true. */
  readonly shuffle?: boolean
  /** Other samples for another seed; false is `shuffle: false`. */
  readonly seed?: number | false
}

/** Predictions for a few samples beside the truth (fastai's `show_results`). */
export function showResults(learn: Learner, options: ShowResultsOptions = {}): Figure {
  const { maxN = 9, shuffle = true, seed = 42 } = options
  const chosen = async (): Promise<ShownResult[]> => {
    const dl = loaderOf(learn, options)
    const n = dl.dataset.length
    const order =
      seed === false || !shuffle
        ? Array.from({ length: n }, (_, i) => i)
        : new Random(seed, 'show').permutation(n)
    const indices = order.filter((i) => !dl.skipped.has(i)).slice(0, maxN)
    return (await lookAt(learn, dl, indices)).map(shownResult)
  }
  return resultGrid(chosen())
}

/** As the grid draws it: what is predicted as numbers is neither right nor wrong. */
export function shownResult({ input, predicted, actual, probability }: LookedAt): ShownResult {
  return { inputs: input, predicted, actual, ...(probability === undefined && { right: null }) }
}
