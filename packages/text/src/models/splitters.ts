import { type ParamGroups, params } from '@espalier/core'
import { encoderOf, type SequentialRnn } from '../nn/sequential-rnn.js'
import type { AwdLstm } from './awd-lstm.js'

/** The layers of a language model each, then its words together with the decoder (fastai's `awd_lstm_lm_split`). */
export function awdLstmLmSplit(model: SequentialRnn): ParamGroups {
  const { rnns, encoder } = encoderOf(model) as unknown as AwdLstm
  const own = new Set(params(encoder))
  return [...rnns.map(params), [...own, ...params(model.head).filter((p) => !own.has(p))]]
}

/** The words of a classifier, each of its layers, then the head (fastai's `awd_lstm_clas_split`). */
export function awdLstmClasSplit(model: SequentialRnn): ParamGroups {
  const { rnns, encoder } = encoderOf(model) as unknown as AwdLstm
  return [params(encoder), ...rnns.map(params), params(model.head)]
}
