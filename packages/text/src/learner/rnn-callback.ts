import type { Callback, tf } from '@espalier/core'
import { noteOutputs } from '../nn/rnn-outputs.js'

/**
 * For models of one's own that give `[predictions, raw, dropped]`, outputs before and after dropout (fastai's
 * `RNNCallback`): the loss sees the predictions, {@link rnnRegularizer} the rest. Espalier's own models note their
 * outputs themselves.
 */
export function rnnCallback(): Callback {
  return {
    name: 'rnn',
    afterPred(s) {
      const given: unknown = s.pred
      if (!Array.isArray(given)) return
      const [pred, raw, dropped = raw] = given as tf.Tensor3D[]
      s.pred = pred!
      if (raw && dropped) noteOutputs(s.learn.model, { raw, dropped })
    },
  }
}
