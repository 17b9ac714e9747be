import type { Module, ParamGroups, tf } from '@espalier/core'
import type { SequentialRnn } from '../nn/sequential-rnn.js'
import type { AwdLstmClasConfig, AwdLstmLmConfig } from './awd-lstm-config.js'

/** An encoder of tokens that carries a state from batch to batch: `[b, t]` int32 → `[b, t, outSize]`. */
export interface RecurrentEncoder extends Module<[tf.Tensor2D], tf.Tensor3D> {
  readonly vocabSz: number
  readonly outSize: number
  /** The table of words, which a decoder may share. */
  readonly words: tf.Variable<tf.Rank.R2>
  /** Forgets the state. */
  reset(): void
  /** Goes on with the states of some rows only, in this order. */
  keepRows(rows: readonly number[]): void
}

/** An architecture for texts: its encoder, the defaults of its models, and their groups of parameters. */
export interface TextArch {
  readonly name: string
  readonly configLm: AwdLstmLmConfig
  readonly configClas: AwdLstmClasConfig
  encoder(vocabSz: number, config: AwdLstmClasConfig): RecurrentEncoder
  splitLm(model: SequentialRnn): ParamGroups
  splitClas(model: SequentialRnn): ParamGroups
}
