import type { Callback } from '../learner/callback.js'
import type { FitState } from '../learner/events.js'
import { resetModules } from '../nn/reset-modules.js'

/**
 * Lets a model forget what it carries from batch to batch before each training and validation and after the fit
 * (fastai's `ModelResetter`): every module of it that has `reset`.
 *
 * @example
 * class Counter extends Module<[tf.Tensor], tf.Tensor> {
 *   seen = 0
 *   forward(x: tf.Tensor) {
 *     this.seen++
 *     return x
 *   }
 *   override reset() {
 *     this.seen = 0
 *   }
 * }
 */
export function modelResetter(): Callback {
  const reset = ({ learn }: FitState) => resetModules(learn.model)
  return { name: 'modelResetter', beforeTrain: reset, beforeValidate: reset, afterFit: reset }
}
