import type { Callback } from '../learner/callback.js'
import { BatchNorm } from '../nn/batch-norm.js'

/**
 * Keeps the running statistics of batch norms that do not train (fastai's `BnFreeze`). A learner made with
 * `trainBn: false` needs it: the norms of its frozen layers would go on to adapt to the new data.
 *
 * @example
 * const learn = new Learner(dls, model, { trainBn: false, cbs: [bnFreeze()] })
 */
export function bnFreeze(): Callback {
  return {
    name: 'bnFreeze',
    beforeTrain({ learn }) {
      const trainable = new Set(learn.opt.trainable)
      for (const [, m] of learn.model.modules()) {
        if (m instanceof BatchNorm && !trainable.has(m.weight)) m.training = false
      }
    },
  }
}
