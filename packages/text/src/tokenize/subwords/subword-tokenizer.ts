import { checkOptions, EspalierError, type Json, reasonOf } from '@espalier/data'
import { Tokenizer } from '@huggingface/tokenizers'
import { endOfSpace, endOfWord } from '../characters.js'
import { detached } from '../detached.js'
import { BOS, specialTokens } from '../special-tokens.js'
import type { TextTokenizer } from '../text-tokenizer.js'
import { jsonOfBpe, jsonOfUnigram, type TokenizerJson } from './tokenizer-json.js'
import { trainBpe } from './train-bpe.js'
import { trainUnigram } from './train-unigram.js'
import { type SubwordTrainingOptions, type WordCounts, wordMark } from './training.js'

/** Where the subwords come from. */
export interface SubwordTokenizerOptions extends SubwordTrainingOptions {
  /**
   * What it learns: `unigram` divides a word in the way that is likeliest of all (Kudo 2018), `bpe` joins the pairs of
   * letters that occur most often. Default `unigram`.
   */
  readonly modelType?: 'unigram' | 'bpe'
  /** What a `tokenizer.json` holds, of this package or any other. Default: it learns from the texts that train. */
  readonly tokenizer?: TokenizerJson
}

/** A tokenizer that divides words into parts. */
export interface SubwordTokenizer extends TextTokenizer {
  train(texts: Iterable<string>): void
  trainFrom(texts: AsyncIterable<string>): Promise<void>
  readonly trained: boolean
  /** What to write into a `tokenizer.json`, once it has learnt. */
  readonly tokenizer: TokenizerJson | undefined
}

/** So many words are remembered, of at most so many characters. */
const remembered = 200_000
const longestRemembered = 64

const names = ['tokenizer', 'modelType', 'vocabSz', 'maxVocabSz', 'charCoverage', 'specialTokens']

/**
 * Divides texts into parts of words, so that no word is unknown (fastai's `SubwordTokenizer`). It learns a
 * unigram model or byte-pair encoding from the training texts, or is given a `tokenizer.json`: BPE, unigram or WordPiece,
 * as Hugging Face keeps them.
 *
 * @example
 * textBlock({ tok: subwordTokenizer({ vocabSz: 1000 }) })
 * subwordTokenizer({ tokenizer: JSON.parse(await readFile('tokenizer.json', 'utf8')) })
 */
export function subwordTokenizer(options: SubwordTokenizerOptions = {}): SubwordTokenizer {
  checkOptions('subwordTokenizer', options, names)
  const { tokenizer: given, ...training } = options
  const { modelType = 'unigram', specialTokens: special = specialTokens } = training
  checkModelType(modelType)
  let json = given
  let runs = given && runner(given)
  const trained = () => {
    if (runs) return runs
    throw new EspalierError('tokenizer/untrained', 'subwordTokenizer has not learnt from any text yet', {
      fix: 'call its train(texts), give it a tokenizer.json, or let loaders of texts train it',
    })
  }
  const learn = (counts: WordCounts) => {
    if (counts.size === 0) return
    json =
      modelType === 'bpe'
        ? jsonOfBpe(trainBpe(counts, training), special)
        : jsonOfUnigram(trainUnigram(counts, training), special)
    runs = runner(json)
  }
  const own = !given || tokensAdded(given).includes(BOS)
  const parts = new Map<string, readonly string[]>()
  const encoded = (text: string) => trained().encode(text, { add_special_tokens: false }).tokens
  /** What a word becomes does not depend on those around it: most words have been met before. */
  const partsOf = (word: string): readonly string[] => {
    const known = parts.get(word)
    if (known) return known
    const made = encoded(word)
    if (parts.size >= remembered) parts.clear()
    if (word.length <= longestRemembered) parts.set(detached(word), made)
    return made
  }
  return {
    name: 'subwordTokenizer',
    ...(!own && { rules: [] }),
    get tokenizer() {
      return json
    },
    get trained() {
      return runs !== undefined
    },
    toJSON: () => ({ ...(training as { readonly [key: string]: Json }), ...(json && { tokenizer: json }) }),
    train(texts) {
      if (runs) return
      const counts = new Map<string, number>()
      for (const text of texts) countWords(text, counts)
      learn(counts)
    },
    async trainFrom(texts) {
      if (runs) return
      const counts = new Map<string, number>()
      for await (const text of texts) countWords(text, counts)
      learn(counts)
    },
    split: (text) => (own ? [...wordsOf(text)].flatMap(partsOf) : encoded(text)),
    begins: (token) => (own ? special.includes(token) || token.startsWith(wordMark) : beginsIn(json, token)),
    join(tokens) {
      if (own) {
        const spaced = tokens.map((token) => (special.includes(token) ? wordMark + token : token))
        return spaced.join('').replaceAll(wordMark, ' ').trim()
      }
      const tok = trained()
      return tok.decode(
        tokens.flatMap((t) => tok.token_to_id(t) ?? []),
        { skip_special_tokens: false },
      )
    },
  }
}

/** Adds the words of a text, up to white space, to how often each occurs. */
function countWords(text: string, counts: Map<string, number>): void {
  for (const word of wordsOf(text)) {
    const n = counts.get(word)
    counts.set(n === undefined ? detached(word) : word, (n ?? 0) + 1)
  }
}

function* wordsOf(text: string): Generator<string> {
  for (let at = endOfSpace(text, 0); at < text.length; ) {
    const end = endOfWord(text, at)
    yield text.slice(at, end)
    at = endOfSpace(text, end)
  }
}

function runner(json: TokenizerJson): Tokenizer {
  try {
    return new Tokenizer(json as never, {} as never)
  } catch (error) {
    throw new EspalierError('tokenizer/json', `this tokenizer.json cannot be used: ${reasonOf(error)}`, {
      fix: 'it must be one of Hugging Face tokenizers, with a model of type BPE, Unigram or WordPiece',
      cause: error,
    })
  }
}

function tokensAdded(json: TokenizerJson): unknown[] {
  const added = json['added_tokens']
  return Array.isArray(added) ? added.map((t: { readonly content?: unknown }) => t?.content) : []
}

/** How tokenizers of others mark the parts of words: by their decoder. */
function beginsIn(json: TokenizerJson | undefined, token: string): boolean {
  const decoder = json?.['decoder'] as { readonly type?: string; readonly prefix?: string } | null | undefined
  if (decoder?.type === 'Metaspace') return token.startsWith(wordMark)
  if (decoder?.type === 'ByteLevel') return token.startsWith('Ġ')
  return decoder?.type !== 'WordPiece' || !token.startsWith(decoder.prefix ?? '##')
}

function checkModelType(given: string): void {
  if (given === 'unigram' || given === 'bpe') return
  throw new EspalierError('tokenizer/model', `subwordTokenizer: modelType is '${given}'`, {
    fix: "say 'unigram' or 'bpe'; others are read from a tokenizer.json",
  })
}
