import { heldValue } from '../engine/tensors.js'
import type * as tf from '../engine/tf.js'
import { BatchNorm } from '../nn/batch-norm.js'
import type { AnyModule } from '../nn/module.js'
import { holdStates } from './hold-states.js'

/** The running statistics of a model as they were. */
export interface Statistics extends Disposable {
  restore(): void
}

/**
 * Holds what a forward pass in training changes, so that a step that fails can be undone: values are shared with the
 * model until it changes them.
 */
export function holdStatistics(model: AnyModule): Statistics {
  const carried = holdStates(model)
  const held: { readonly norm: BatchNorm; readonly values: readonly tf.Tensor[] }[] = []
  for (const [, m] of model.modules()) {
    if (!(m instanceof BatchNorm) || !m.training) continue
    const values = [m.runningMean, m.runningVar].map((v) => heldValue(v as tf.Variable))
    held.push({ norm: m, values })
  }
  return {
    restore() {
      carried.restore()
      for (const { norm, values } of held) {
        norm.runningMean.assign(values[0] as tf.Tensor1D)
        norm.runningVar.assign(values[1] as tf.Tensor1D)
      }
    },
    [Symbol.dispose]() {
      carried[Symbol.dispose]()
      for (const { values } of held) for (const value of values) value.dispose()
    },
  }
}
