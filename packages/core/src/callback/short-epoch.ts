import type { Callback } from '../learner/callback.js'
import { cancel } from '../learner/cancel.js'
import type { FitState } from '../learner/events.js'
import { isTrial } from '../log/is-trial.js'
import { checkOption } from './check-options.js'

/** What is cut short. */
export interface ShortEpochOptions {
  /** Also the validations of the fit. Default true. */
  readonly shortValid?: boolean
}

/**
 * Leaves an epoch after a part of its batches (fastai's `ShortEpochCallback`): to see whether everything runs. The
 * table stays empty, since nothing was measured in full; predictions and `lrFind` are not cut.
 *
 * @example
 * await learn.fit(1, 1e-3, { cbs: [shortEpoch(0.05)] })
 */
export function shortEpoch(pct = 0.01, { shortValid = true }: ShortEpochOptions = {}): Callback {
  checkOption('shortEpoch', 'pct', pct, { from: 0, to: 1 })
  let fit: FitState | undefined
  return {
    name: 'shortEpoch',
    describeRun: () => ({ pct, shortValid }),
    beforeFit(s) {
      fit = isTrial(s.learn) ? undefined : s
    },
    afterBatch(s) {
      if (s !== fit || s.iter / s.nIter < pct) return
      if (s.training) cancel('train')
      if (shortValid) cancel('validate')
    },
    release() {
      fit = undefined
    },
  }
}
