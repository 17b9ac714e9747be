import type { Callback } from './callback.js'
import { cancel } from './cancel.js'

/** Passes over the epochs before one (fastai's `SkipToEpoch`): schedules are then where they would be in it. */
export function skipToEpoch(first: number): Callback {
  return {
    name: 'skipToEpoch',
    order: 70,
    describeRun: () => ({ first }),
    beforeEpoch({ epoch }) {
      if (epoch < first) cancel('epoch')
    },
  }
}
