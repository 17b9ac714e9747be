import { type AnyModule, type BundleSource, type Learner, loadLearner as load } from '@espalier/core'
import { registerTextParts } from '../blocks/register-text-parts.js'
import { LinearDecoder } from '../nn/linear-decoder.js'
import { SequentialRnn } from '../nn/sequential-rnn.js'
import { LanguageModelLearner } from './language-model-learner.js'
import { registerTextModel } from './portable-text-model.js'
import { textCallbacks } from './text-callbacks.js'
import { TextClassifierLearner } from './text-classifier-learner.js'

/**
 * A learner that predicts, from what `learn.export` wrote: for texts one with all that learners for texts can do (fastai's
 * `load_learner`).
 *
 * @example
 * using learn = await loadLearner('reviews')
 * await learn.predict('I really loved that movie, it was awesome!')
 */
export async function loadLearner<P = unknown>(source: BundleSource): Promise<Learner<AnyModule, P>> {
  registerTextParts()
  registerTextModel()
  const plain = await load<P>(source)
  const { dls, model, lossFunc } = plain
  if (!(model instanceof SequentialRnn)) return plain
  const options = { lossFunc, cbs: textCallbacks(), verbose: false }
  const learn =
    model.head instanceof LinearDecoder
      ? new LanguageModelLearner(dls as never, model, options)
      : new TextClassifierLearner<P>(dls, model, options)
  return learn as unknown as Learner<AnyModule, P>
}
