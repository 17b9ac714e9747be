import { Qrnn } from '../nn/qrnn.js'
import { AwdLstm } from './awd-lstm.js'
import { awdLstmClasConfig, awdLstmLmConfig } from './awd-lstm-config.js'
import { awdLstmClasSplit, awdLstmLmSplit } from './splitters.js'
import type { TextArch } from './text-arch.js'

/** AWD-LSTM, the architecture of ULMFiT (fastai's `AWD_LSTM`). */
export const awdLstm: TextArch = {
  name: 'awdLstm',
  configLm: awdLstmLmConfig,
  configClas: awdLstmClasConfig,
  encoder: (vocabSz, config) => new AwdLstm(vocabSz, config),
  splitLm: awdLstmLmSplit,
  splitClas: awdLstmClasSplit,
}

/** The same with quasi-recurrent layers in place of LSTMs (fastai 1's `qrnn=True`): less to do from step to step. */
export const awdQrnn: TextArch = {
  ...awdLstm,
  name: 'awdQrnn',
  encoder: (vocabSz, config) =>
    new AwdLstm(vocabSz, config, (nIn, nHid, { bidir, weightP }) => new Qrnn(nIn, nHid, bidir, weightP)),
}

const known: Readonly<Record<string, TextArch>> = {
  [awdLstm.name]: awdLstm,
  [awdQrnn.name]: awdQrnn,
}

/** An architecture of Espalier's by its name. */
export function archOf(name: string): TextArch | undefined {
  return Object.hasOwn(known, name) ? known[name] : undefined
}
