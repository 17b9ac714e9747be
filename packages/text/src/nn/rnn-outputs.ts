import type { AnyModule, tf } from '@espalier/core'

/** What an encoder gave in a step, before and after dropout; both live as long as the step. */
export interface RnnOutputs {
  readonly raw: tf.Tensor3D
  readonly dropped: tf.Tensor3D
}

const last = new WeakMap<AnyModule, RnnOutputs>()

/** Notes what the encoder of a model gave, for whoever regularizes by it. */
export function noteOutputs(model: AnyModule, outputs: RnnOutputs): void {
  last.set(model, outputs)
}

/** What the encoder of a model gave in the forward pass that ran last; undefined where it noted nothing. */
export function outputsOf(model: AnyModule): RnnOutputs | undefined {
  return last.get(model)
}
