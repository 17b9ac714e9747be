import { type DataLoader, pick, Random } from '@espalier/data'
import type { Learner } from '../learner/learner.js'
import { getPreds } from '../learner/predict.js'
import type { Figure } from '../report/figure.js'
import { resultGrid, type ShownResult } from '../report/result-grid.js'
import { shownResults } from './shown-results.js'

/** Which samples `showResults` draws, and how many. */
export interface ShowResultsOptions {
  readonly maxN?: number
  /** Default: the validation set. */
  readonly dl?: DataLoader
  /** Other samples for another seed; false shows the first ones. */
  readonly seed?: number | false
}

/** Predictions for a few samples beside the truth (fastai's `show_results`). */
export function showResults(
  learn: Learner,
  { maxN = 9, dl = learn.dls.valid, seed = 42 }: ShowResultsOptions = {},
): Figure {
  const chosen = async (): Promise<ShownResult[]> => {
    const n = dl.dataset.length
    const order =
      seed === false ? Array.from({ length: n }, (_, i) => i) : new Random(seed, 'show').permutation(n)
    const indices = order.filter((i) => !dl.skipped.has(i)).slice(0, maxN)
    const { decoded, indices: places } = await getPreds(learn, { dl: dl.with({}, pick(dl.dataset, indices)) })
    return shownResults(
      learn,
      dl,
      places.map((place, i) => ({ index: indices[place]!, predicted: decoded.data[i]! })),
    )
  }
  return resultGrid(chosen())
}
