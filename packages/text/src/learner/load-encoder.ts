import { type AnyModule, type Learner, loadStateDict, type SafeTensor, useEngine } from '@espalier/core'
import { EspalierError } from '@espalier/data'
import { textVocab } from '../blocks/text-loaders.js'
import { matchEmbeds } from '../models/match-embeds.js'
import { encoderOf, type SequentialRnn } from '../nn/sequential-rnn.js'
import { readTextWeights, type TextWeights, type TextWeightsSource } from './text-weights.js'

/** How an encoder is loaded. */
export interface LoadEncoderOptions {
  /**
   * What to do where its vocabulary is another one. By default words that both have keep what was learned of them and the
   * others begin with the mean of all; fewer than half of the words in common is an error. `match` takes any, `same` none.
   */
  readonly vocab?: 'usual' | 'match' | 'same'
}

/** How many of the words of a learner were known to what was loaded into it. */
export interface EncoderReport {
  readonly known: number
  readonly words: number
}

/**
 * Gives a learner the encoder of a file (fastai's `load_encoder`) and freezes it: with it the vocabulary that it was
 * trained with. Everything is checked before anything is changed.
 */
export async function loadEncoder<P>(
  learn: Learner<SequentialRnn, P>,
  source: TextWeightsSource,
  options: LoadEncoderOptions = {},
): Promise<EncoderReport> {
  const weights = await readTextWeights(source)
  await useEngine()
  const { matched, report } = matchedTo(learn, weights, options)
  load(encoderOf(learn.model), under('0.', matched), weights)
  learn.freeze()
  return report
}

/** Gives a language model all that another one has learned, decoder included, and freezes all but words and decoder. */
export async function loadLanguageModel<P>(
  learn: Learner<SequentialRnn, P>,
  source: TextWeightsSource,
  options: LoadEncoderOptions = {},
): Promise<EncoderReport> {
  const weights = await readTextWeights(source)
  await useEngine()
  const { matched, report } = matchedTo(learn, weights, options)
  load(encoderOf(learn.model), under('0.', matched), weights)
  // A decoder without a bias has no use for one, and what the file lacks stays as it is.
  load(learn.model.head, under('1.', matched), weights, { strict: false })
  learn.freeze()
  return report
}

/** The weights under the names of a language model, with the words of a learner. */
function matchedTo<P>(
  learn: Learner<SequentialRnn, P>,
  { name, encoder, decoder, vocab }: TextWeights,
  { vocab: policy = 'usual' }: LoadEncoderOptions,
) {
  const all = new Map([
    ...[...encoder].map(([key, t]) => [`0.${key}`, t] as const),
    ...[...decoder].map(([key, t]) => [`1.${key}`, t] as const),
  ])
  const own = textVocab(learn.dls)
  const rows = encoder.get('encoder.weight')!.shape[0]!
  if (!vocab) {
    if (rows !== own.length) throw noVocab(name, rows, own.length)
    return { matched: all, report: { known: own.length, words: own.length } }
  }
  if (vocab.length !== rows) {
    throw new EspalierError('encoder/vocab', `'${name}' has ${rows} words, its vocabulary ${vocab.length}`, {
      fix: 'give the vocabulary that the weights were trained with',
    })
  }
  const words = new Set(vocab)
  const report = { known: own.filter((word) => words.has(word)).length, words: own.length }
  if (vocab.length === own.length && vocab.every((word, i) => word === own[i]))
    return { matched: all, report }
  if (policy === 'same' || (policy === 'usual' && report.known * 2 < report.words)) {
    throw otherVocab(name, report, policy)
  }
  return { matched: matchEmbeds(all, vocab, own), report }
}

/** The weights below a path, under their names there. */
function under(path: string, weights: ReadonlyMap<string, SafeTensor>): Map<string, SafeTensor> {
  const inside = [...weights].filter(([name]) => name.startsWith(path))
  return new Map(inside.map(([name, t]) => [name.slice(path.length), t]))
}

function load(
  module: AnyModule,
  weights: ReadonlyMap<string, SafeTensor>,
  { name, encoder }: TextWeights,
  options = {},
): void {
  const all = new Map(weights)
  // A table that is shared need not be in the file under both of its names.
  const table = all.get('encoder.weight')
  if (table && !all.has('encoder_dp.emb.weight')) all.set('encoder_dp.emb.weight', table)
  try {
    loadStateDict(module, all, options)
  } catch (cause) {
    if (!(cause instanceof EspalierError) || cause.code !== 'weights/mismatch') throw cause
    throw new EspalierError('encoder/size', `'${name}' does not fit this model: ${cause.message}`, {
      fix: `its encoder was made with config: { ${sizesOf(encoder)} }`,
      cause,
    })
  }
}

/** The sizes of an encoder, as a configuration says them. */
function sizesOf(encoder: TextWeights['encoder']): string {
  const layers = [...encoder.keys()].filter((key) => /^rnns\.\d+\.(module\.)?weight_ih_l0$/.test(key))
  const embSz = encoder.get('encoder.weight')?.shape[1]
  const gates = encoder.get('rnns.0.module.weight_ih_l0')?.shape[0]
  const bidir = [...encoder.keys()].some((key) => key.endsWith('_reverse'))
  const nHid = gates === undefined ? '?' : (gates / 4) * (bidir ? 2 : 1)
  return `embSz: ${embSz}, nHid: ${nHid}, nLayers: ${layers.length}${bidir ? ', bidir: true' : ''}`
}

function noVocab(name: string, rows: number, words: number): EspalierError {
  return new EspalierError(
    'encoder/vocab',
    `'${name}' does not say which words its ${rows} rows are, and this learner has ${words}`,
    { fix: "give the vocabulary too: { weights: 'wt103.pth', vocab: 'wt103.pkl' }" },
  )
}

function otherVocab(name: string, { known, words }: EncoderReport, policy: string): EspalierError {
  return new EspalierError(
    'encoder/vocab',
    policy === 'same'
      ? `'${name}' was trained with another vocabulary`
      : `'${name}' was trained with another vocabulary, which has ${known} of the ${words} words of this learner`,
    {
      fix: "make the loaders with the vocabulary of the language model (vocab: textVocab(dlsLm)), or say { vocab: 'match' }",
    },
  )
}
