import { checkDropouts, PoolingLinearClassifier } from '../nn/pooling-linear-classifier.js'
import { SentenceEncoder } from '../nn/sentence-encoder.js'
import { SequentialRnn } from '../nn/sequential-rnn.js'
import { type AwdLstmClasConfig, configured } from './awd-lstm-config.js'
import type { TextArch } from './text-arch.js'

/** What shapes a classifier of texts. */
export interface TextClassifierOptions {
  /** What is not as the architecture has it. */
  readonly config?: Partial<AwdLstmClasConfig>
  /** Multiplies the dropouts of the encoder and the one before the head's first layer. Default 1. */
  readonly dropMult?: number
  /** How many tokens are read at a time. Default 72. */
  readonly seqLen?: number
  /** How many last tokens are kept and learned from; null: all. Default 1440. */
  readonly maxLen?: number | null
  /** The sizes of the head's layers in between. Default [50]. */
  readonly linFtrs?: readonly number[]
  /** The dropout before each layer after the first. Default 0.1. */
  readonly ps?: readonly number[]
  /** Keeps the output in a range, for regression. */
  readonly yRange?: readonly [number, number]
}

/** An encoder that reads whole texts and a head on it (fastai's `get_text_classifier`): `[b, L]` → `[b, nOut]`. */
export function getTextClassifier(
  arch: TextArch,
  vocabSz: number,
  nOut: number,
  options: TextClassifierOptions = {},
): SequentialRnn {
  const { config = {}, dropMult = 1, seqLen = 72, maxLen, linFtrs = [50], yRange } = options
  const ps = options.ps ?? linFtrs.map(() => 0.1)
  const all = configured('getTextClassifier', arch.configClas, config, dropMult)
  const { padToken, embSz, outputP } = all
  // Before there is anything to give back.
  checkDropouts(linFtrs.length + 1, [outputP, ...ps])
  const reader = new SentenceEncoder(arch.encoder(vocabSz, all), {
    bptt: seqLen,
    padIdx: padToken,
    ...(maxLen !== undefined && { maxLen }),
  })
  const dims = [3 * embSz, ...linFtrs, nOut]
  return new SequentialRnn(reader, new PoolingLinearClassifier(dims, [outputP, ...ps], yRange))
}
