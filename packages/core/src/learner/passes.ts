import { record, type Tape } from '../engine/tape.js'
import type * as tf from '../engine/tf.js'
import { hearLoss, score } from './forward.js'
import type { LoopVariables } from './loop.js'

/** The two passes of a training step. */
export interface Passes extends Disposable {
  /** Predictions and loss, as the state of the loop. */
  forward(): void
  /** What the loss comes to with respect to parameters; undefined for one that it does not depend on. */
  backward(params: readonly tf.Variable[]): readonly (tf.Tensor | undefined)[]
}

/** Both passes as the model, the loss and their gradients say; `scoring` runs the first of these two. */
export function computedPasses(
  s: LoopVariables,
  scoring: (score: () => void) => void = (score) => score(),
): Passes {
  let tape: Tape | undefined
  return {
    forward() {
      tape = record(() => {
        scoring(() => score(s))
        hearLoss(s)
        return { pred: s.pred, loss: s.lossGrad }
      }).tape
    },
    backward: (params) => tape?.backward(s.lossGrad, params) ?? [],
    [Symbol.dispose]: () => tape?.[Symbol.dispose](),
  }
}
