import { LinearDecoder } from '../nn/linear-decoder.js'
import { SequentialRnn } from '../nn/sequential-rnn.js'
import { type AwdLstmLmConfig, configured } from './awd-lstm-config.js'
import type { TextArch } from './text-arch.js'

/** What shapes a language model. */
export interface LanguageModelOptions {
  /** What is not as the architecture has it. */
  readonly config?: Partial<AwdLstmLmConfig>
  /** Multiplies every dropout. Default 1. */
  readonly dropMult?: number
}

/** An encoder and a decoder (fastai's `get_language_model`): tokens `[b, t]` → what comes next, `[b, t, vocabSz]`. */
export function getLanguageModel(
  arch: TextArch,
  vocabSz: number,
  { config = {}, dropMult = 1 }: LanguageModelOptions = {},
): SequentialRnn {
  const all = configured('getLanguageModel', arch.configLm, config, dropMult)
  const encoder = arch.encoder(vocabSz, all)
  const { outputP, tieWeights, outBias, embSz } = all
  const tieTo = tieWeights ? encoder.words : undefined
  return new SequentialRnn(encoder, new LinearDecoder(vocabSz, embSz, { outputP, tieTo, bias: outBias }))
}
