import { checkOptions, EspalierError } from '@espalier/data'

/** The sizes of an AWD-LSTM, and how much it drops where. */
export interface AwdLstmConfig {
  /** Features of a word, and of what comes out. */
  readonly embSz: number
  /** Features of the layers in between. */
  readonly nHid: number
  readonly nLayers: number
  /** The id of `xxpad`. */
  readonly padToken: number
  /** Reads in both directions. */
  readonly bidir: boolean
  /** Dropout between the layers. */
  readonly hiddenP: number
  /** Dropout of what goes into the first layer. */
  readonly inputP: number
  /** Dropout of whole words. */
  readonly embedP: number
  /** Dropout of the connections from step to step. */
  readonly weightP: number
}

/** Also what the classifier drops of what comes out. */
export interface AwdLstmClasConfig extends AwdLstmConfig {
  readonly outputP: number
}

/** Also how the decoder is made. */
export interface AwdLstmLmConfig extends AwdLstmClasConfig {
  /** The decoder shares the table of words. */
  readonly tieWeights: boolean
  readonly outBias: boolean
}

const sizes = { embSz: 400, nHid: 1152, nLayers: 3, padToken: 1, bidir: false }

/** fastai's defaults for language models (`awd_lstm_lm_config`). */
export const awdLstmLmConfig: AwdLstmLmConfig = {
  ...sizes,
  outputP: 0.1,
  hiddenP: 0.15,
  inputP: 0.25,
  embedP: 0.02,
  weightP: 0.2,
  tieWeights: true,
  outBias: true,
}

/** fastai's defaults for classifiers (`awd_lstm_clas_config`). */
export const awdLstmClasConfig: AwdLstmClasConfig = {
  ...sizes,
  outputP: 0.4,
  hiddenP: 0.3,
  inputP: 0.4,
  embedP: 0.05,
  weightP: 0.5,
}

/** A configuration with all defaults in, every dropout of it times `dropMult`. Throws at a name that none has. */
export function configured<C extends AwdLstmConfig>(
  what: string,
  defaults: C,
  given: Partial<C>,
  dropMult: number,
): C {
  checkOptions(`${what}: config`, given, Object.keys(defaults))
  const config = {
    ...defaults,
    ...Object.fromEntries(Object.entries(given).filter(([, v]) => v !== undefined)),
  }
  const scaled = Object.entries(config).map(([name, v]) => [
    name,
    name.endsWith('P') ? Number(v) * dropMult : v,
  ])
  const wrong = scaled.find(([name, p]) => String(name).endsWith('P') && !(Number(p) >= 0 && Number(p) <= 1))
  if (!wrong) return Object.fromEntries(scaled) as C
  throw new EspalierError('dropout/p', `${what}: ${wrong[0]} times dropMult is ${wrong[1]}, not in [0, 1]`, {
    fix: 'use a smaller dropMult, or a smaller probability in config',
  })
}
