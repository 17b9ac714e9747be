import type { Callback } from '../learner/callback.js'
import { cancel } from '../learner/cancel.js'
import { holdStatistics, type Statistics } from '../learner/statistics.js'
import { tell } from './tell.js'

/**
 * Ends a fit at the first loss that is not finite (fastai's `TerminateOnNaNCallback`), in place of the error that a
 * learner throws otherwise. The model is left as it was before that batch, while fastai takes the step.
 *
 * @example
 * await learn.fit(5, 0.1, { cbs: [terminateOnNaN()] })
 */
export function terminateOnNaN(): Callback {
  let before: Statistics | undefined
  const forget = () => {
    before?.[Symbol.dispose]()
    before = undefined
  }
  return {
    name: 'terminateOnNaN',
    order: -9,
    readsOnly: true,
    beforeBatch({ learn, training }) {
      if (training) before = holdStatistics(learn.model.all())
    },
    afterLoss({ learn, loss, epoch, iter, training }) {
      if (!Number.isFinite(loss)) {
        before?.restore()
        const where = `epoch ${epoch}, batch ${iter} of ${training ? 'training' : 'validation'}`
        tell(learn, `The loss is ${loss} (${where}): the fit ends`)
        cancel('fit')
      }
      forget()
    },
    afterBatch: forget,
    afterCancelFit: forget,
    release: forget,
  }
}
