import type { Module, tf } from '@espalier/core'
import type { LstmState } from '@espalier/core/kernels'

/** What a layer gives for a sequence: outputs `[b, t, n]` and the state of each direction after it. */
export interface RecurrentOutput {
  readonly y: tf.Tensor3D
  readonly states: readonly LstmState[]
}

/** A layer that reads a sequence and carries a state from one to the next. */
export interface Recurrent extends Module<[tf.Tensor3D, readonly LstmState[]], RecurrentOutput> {
  /** The states before the first sequence of `b` rows. */
  start(b: number): LstmState[]
}
