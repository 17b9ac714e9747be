import {
  type Cell,
  checkOptions,
  describe,
  EspalierError,
  type NdArray,
  ndArray,
  type Transform,
} from '@espalier/data'
import { PAD, UNK } from '../tokenize/special-tokens.js'
import { TokenizedText, type TokenSource, type Tokens } from '../tokenize/tokens.js'
import { fakeToken, makeVocab, type VocabOptions, vocabOptionNames } from './make-vocab.js'

/** Where the vocabulary comes from. */
export interface NumericalizeOptions extends VocabOptions {
  /** The tokens in the order of their ids. Default: those of the texts it is set up on. */
  readonly vocab?: readonly string[]
  /** Counts the tokens of all texts, as fastai does. Default false: those that train. */
  readonly all?: boolean
}

/** The names in {@link NumericalizeOptions}. */
export const numericalizeOptionNames: readonly string[] = ['vocab', 'all', ...vocabOptionNames]

/** Tokens ↔ ids, `[n]` int32 (fastai's `Numericalize`): tokens that the vocabulary does not have become `xxunk`. */
export class Numericalize implements Transform<Tokens, NdArray<'int32'>> {
  readonly name = 'numericalize'
  readonly trainSetup: boolean
  #vocab: readonly string[] | undefined
  #ids: ReadonlyMap<string, number> = new Map()
  #unk = 0
  /** For each source of tokenized texts, the id of each of its words. */
  readonly #tables = new WeakMap<TokenSource, Int32Array>()

  constructor(readonly options: NumericalizeOptions = {}) {
    checkOptions('numericalize', options, numericalizeOptionNames)
    this.trainSetup = !options.all
    if (options.vocab !== undefined) this.#use(options.vocab)
  }

  /** The tokens in the order of their ids. */
  get vocab(): readonly string[] {
    if (this.#vocab) return this.#vocab
    throw new EspalierError('vocab/unset', 'numericalize: not set up yet', {
      fix: 'give it a vocabulary, or let a data set set it up',
    })
  }

  async setup(texts: AsyncIterable<Tokens>): Promise<void> {
    if (this.#vocab) return
    const { minFreq, maxVocab, specialToks, pad } = this.options
    this.#use(
      makeVocab(await countTokens(texts), {
        ...(minFreq !== undefined && { minFreq }),
        ...(maxVocab !== undefined && { maxVocab }),
        ...(specialToks && { specialToks }),
        ...(pad !== undefined && { pad }),
      }),
    )
  }

  encode(tokens: Tokens): NdArray<'int32'> {
    const ids = tokens instanceof TokenizedText ? this.#idsOf(tokens) : this.idsOf(tokens)
    return ndArray('int32', [ids.length], ids, 'text')
  }

  /** The ids of tokens. */
  idsOf(tokens: readonly string[]): Int32Array {
    this.vocab // Says that there is none.
    const ids = new Int32Array(tokens.length)
    for (let i = 0; i < ids.length; i++) ids[i] = this.#ids.get(tokens[i]!) ?? this.#unk
    return ids
  }

  decode({ data }: NdArray<'int32'>): readonly string[] {
    return Array.from(data, (id) => this.vocab[id] ?? UNK)
  }

  show(ids: NdArray<'int32'>): Cell {
    const tokens = this.decode(ids)
    return { text: tokens.filter((t) => t !== PAD).join(' ') }
  }

  toJSON() {
    return { vocab: this.vocab }
  }

  #idsOf({ source, index }: TokenizedText): Int32Array {
    let table = this.#tables.get(source)
    if (!table || table.length < source.words.length) {
      table = this.idsOf(source.words)
      this.#tables.set(source, table)
    }
    return source.read(index).map((word) => table[word]!)
  }

  #use(vocab: readonly string[]): void {
    checkVocab(vocab)
    this.#vocab = vocab
    const ids = new Map<string, number>()
    for (const [id, token] of vocab.entries()) if (token !== fakeToken) ids.set(token, id)
    this.#ids = ids
    this.#unk = ids.get(UNK) ?? 0
  }
}

/** How often each token occurs, in the order of first appearance. */
export async function countTokens(
  texts: AsyncIterable<Tokens> | Iterable<Tokens>,
): Promise<Map<string, number>> {
  const counts = new Map<string, number>()
  for await (const tokens of texts) {
    if (tokens instanceof TokenizedText) {
      const { words } = tokens.source
      for (const i of tokens.source.read(tokens.index))
        counts.set(words[i]!, (counts.get(words[i]!) ?? 0) + 1)
    } else for (const token of tokens) counts.set(token, (counts.get(token) ?? 0) + 1)
  }
  return counts
}

function checkVocab(vocab: unknown): void {
  const wrong = Array.isArray(vocab) ? vocab.findIndex((t) => typeof t !== 'string') : -2
  if (wrong === -1 && (vocab as unknown[]).length > 0) return
  throw new EspalierError(
    'vocab/form',
    wrong >= 0
      ? `token ${wrong} of the vocabulary is ${describe((vocab as unknown[])[wrong])}`
      : `a vocabulary is a list of tokens, got ${describe(vocab)}`,
    { fix: "say vocab: dlsLm.vocab, or a list such as ['xxunk', 'xxpad', 'the']" },
  )
}
