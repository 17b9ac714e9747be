import { type Callback, modelResetter } from '@espalier/core'
import { rnnCallback } from './rnn-callback.js'
import { type RnnRegularizerOptions, rnnRegularizer } from './rnn-regularizer.js'

/** What every learner for texts hears: states begin anew and are not kept longer than needed, outputs are held back. */
export function textCallbacks(
  options: { readonly [K in keyof RnnRegularizerOptions]: number | undefined } = {},
): Callback[] {
  const { alpha, beta } = options
  const regularizer = rnnRegularizer({
    ...(alpha !== undefined && { alpha }),
    ...(beta !== undefined && { beta }),
  })
  const resetter = modelResetter()
  const { afterFit } = resetter
  return [afterFit ? { ...resetter, afterValidate: afterFit } : resetter, rnnCallback(), regularizer]
}
