import { type Callback, tf } from '@espalier/core'
import { describeNumber, EspalierError } from '@espalier/data'
import { outputPenalty } from '../nn/output-penalty.js'
import { outputsOf, type RnnOutputs } from '../nn/rnn-outputs.js'

/** How strongly the outputs of an encoder are held back. */
export interface RnnRegularizerOptions {
  /** For large outputs: activation regularization. Default 2. */
  readonly alpha?: number
  /** For outputs that change from step to step: temporal activation regularization. Default 1. */
  readonly beta?: number
}

/**
 * Adds to what is differentiated, not to the loss that is told: α times the mean square of what the encoder gave after
 * dropout, and β times that of its changes from step to step before it (Merity et al. 2017, fastai's `RNNRegularizer`).
 */
export function rnnRegularizer({ alpha = 2, beta = 1 }: RnnRegularizerOptions = {}): Callback {
  for (const [name, v] of Object.entries({ alpha, beta })) {
    if (Number.isFinite(v) && v >= 0) continue
    throw new EspalierError('rnn-regularizer/option', `rnnRegularizer: ${name} is ${describeNumber(v)}`, {
      fix: 'give a number ≥ 0; 0 leaves it out',
    })
  }
  return {
    name: 'rnnRegularizer',
    // After callbacks that take the outputs apart.
    order: 1,
    runValid: false,
    describeRun: () => ({ alpha, beta }),
    afterLoss(s) {
      const outputs = outputsOf(s.learn.model)
      if (!s.training || !outputs) return
      for (const added of penalties(outputs, alpha, beta)) s.lossGrad = tf.add(s.lossGrad, added)
    },
  }
}

/** What is added. fastai has no temporal part in a batch of one row; one step has no change. */
function penalties({ raw, dropped }: RnnOutputs, alpha: number, beta: number): tf.Tensor[] {
  const temporal = raw.shape[0] < 2 ? 0 : beta
  if (raw === dropped) return alpha || temporal ? [outputPenalty(raw, { alpha, beta: temporal })] : []
  return [
    ...(alpha ? [outputPenalty(dropped, { alpha, beta: 0 })] : []),
    ...(temporal ? [outputPenalty(raw, { alpha: 0, beta: temporal })] : []),
  ]
}
