import { createHash } from 'node:crypto'
import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { checkOptions, describe, describeNumber, EspalierError } from '@espalier/data'
import { getTextFiles } from '@espalier/data/node'
import { TextProcessor, type TextProcessorOptions } from '../tokenize/text-processor.js'
import type { TokenSource } from '../tokenize/tokens.js'
import { bytesOf } from './read-text.js'
import { FileStore, openTokens } from './token-file.js'
import { MemoryStore, type TokenStore } from './token-store.js'
import type { Done, Order } from './workers/messages.js'
import { type Crew, type Hand, hire } from './workers/tokenizers.js'

/** How many texts are tokenized, by whom, and where their tokens are kept. */
export interface TokenizeOptions extends TextProcessorOptions {
  /** How many threads tokenize; 0: this one. Default: as many as there are processors, where there is work for them. */
  readonly workers?: number | undefined
  /**
   * A folder where tokens are kept, under a name that says what they were made from and how: the same texts are not
   * tokenized again, and need not fit in memory. Default: none; tokens are kept in memory.
   */
  readonly cache?: string
}

/** Also what the files are. */
export interface TokenizeFilesOptions extends TokenizeOptions {
  /** Any that `TextDecoder` knows. Default UTF-8. */
  readonly encoding?: string
}

const names = ['workers', 'cache', 'encoding', 'tok', 'rules', 'postRules']

/** So many characters, or files, make a batch. */
const batchChars = 1 << 18
const batchFiles = 128
/** So many characters are worth starting threads for. */
const worthwhile = 4_000_000
/** What tokens of another version of this package would be told apart by. */
const version = 2

/**
 * Tokenizes texts in threads (fastai's `tokenize_texts`). Texts may come one after the other: only a few batches of
 * them are in memory at a time.
 *
 * @example
 * const tokens = await tokenizeTexts(reviews, { cache: 'cache' })
 * new TokenizedText(tokens, 0).tokens()
 */
export async function tokenizeTexts(
  texts: Iterable<string> | AsyncIterable<string>,
  options: TokenizeOptions = {},
): Promise<TokenSource> {
  const { processor, workers, cache } = checked('tokenizeTexts', options)
  const list = Array.isArray(texts) ? (texts as readonly string[]) : undefined
  const threads = workers ?? (list && charsOf(list) < worthwhile ? 0 : undefined)
  const make = (store: TokenStore) => collect(hire(processor, threads), batchesOf(texts), store)
  if (cache === undefined) return make(new MemoryStore())
  if (!list) {
    throw new EspalierError(
      'text/cache',
      'texts that come one after the other cannot be found in a cache again',
      {
        fix: 'give a list, or tokenize files: tokenizeFiles, tokenizeCsv',
      },
    )
  }
  return cached(cache, keyOf(processor, hashOfTexts(list)), make)
}

/**
 * Tokenizes files that hold a text each (fastai's `tokenize_files`).
 *
 * @example
 * const tokens = await tokenizeFiles(await getTextFiles('imdb'), { cache: 'cache' })
 */
export async function tokenizeFiles(
  files: readonly string[],
  options: TokenizeFilesOptions = {},
): Promise<TokenSource> {
  const { processor, workers, cache } = checked('tokenizeFiles', options)
  const { encoding } = options
  const threads = workers ?? (files.length < 1000 ? 0 : undefined)
  const make = (store: TokenStore, hashes?: readonly string[]) =>
    collect(hire(processor, threads), fileBatches(files, encoding), store, (order, done) => {
      for (const [i, file] of (order.files ?? []).entries()) {
        const before = hashes?.[order.batch * batchFiles + i]
        if (before === undefined || before === done.hashes?.[i]) continue
        throw new EspalierError('text/changed', `'${file}' changed while the texts were tokenized`, {
          fix: 'tokenize them again when nobody writes to them',
        })
      }
    })
  if (cache === undefined) return make(new MemoryStore())
  const hashes: string[] = []
  for (const file of files) hashes.push(sha256(await bytesOf(file)))
  return cached(cache, keyOf(processor, sha256(`${encoding ?? 'utf-8'} ${hashes.join(' ')}`)), (store) =>
    make(store, hashes),
  )
}

/** Tokenizes the texts under a folder (fastai's `tokenize_folder`), in the order of their names. */
export async function tokenizeFolder(
  path: string,
  options: TokenizeFilesOptions = {},
): Promise<{ readonly files: readonly string[]; readonly tokens: TokenSource }> {
  const files = await getTextFiles(path)
  return { files, tokens: await tokenizeFiles(files, options) }
}

/** Tokens from a cache, or made and put there. What is damaged is made again. */
export async function cached(
  folder: string,
  key: string,
  make: (store: TokenStore) => Promise<TokenSource>,
): Promise<TokenSource> {
  const path = join(folder, `${key}.tokens`)
  if (
    await access(path).then(
      () => true,
      () => false,
    )
  ) {
    try {
      return openTokens(path, key)
    } catch (error) {
      process.emitWarning(`${(error as Error).message.split('\n')[0]}; they are made again`, {
        code: 'ESPALIER_TOKENS',
      })
    }
  }
  const store = new FileStore(path, key)
  try {
    return await make(store)
  } catch (error) {
    await store.abandon()
    throw error
  }
}

/** Under which name tokens are kept: what they were made from, and how. */
export function keyOf(processor: TextProcessor, content: string): string {
  const spec = processor.spec()
  if (spec) return sha256(JSON.stringify({ version, spec, content })).slice(0, 32)
  throw new EspalierError(
    'text/cache',
    'tokens of a tokenizer or a rule of your own cannot be kept: nobody knows when it changes',
    {
      fix: 'leave out cache',
    },
  )
}

/** Gives batches to those who tokenize, and puts what they make together in the order of the texts. */
export async function collect(
  crew: Crew,
  batches: AsyncIterable<Order>,
  store: TokenStore,
  check: (order: Order, done: Done) => void = () => {},
): Promise<TokenSource> {
  const words: string[] = []
  const numbers = new Map<string, number>()
  const tables = new Map<Hand, number[]>(crew.hands.map((hand) => [hand, []]))
  const numberOf = (word: string) => {
    const known = numbers.get(word)
    if (known !== undefined) return known
    numbers.set(word, words.length)
    return words.push(word) - 1
  }
  const take = async ({ order, hand, doing }: Running) => {
    const done = await doing
    check(order, done)
    const table = tables.get(hand)!
    // Tokens get their numbers in the order of the texts, whoever met them first.
    const ids = done.ids.map((local) => (table[local] ??= numberOf(hand.words[local]!)))
    await store.add(ids, done.lens)
  }
  const running: Running[] = []
  try {
    for await (const order of batches) {
      const hand = crew.hands[order.batch % crew.hands.length]!
      const doing = hand.done(order)
      doing.catch(() => {}) // Told when its turn comes.
      running.push({ order, hand, doing })
      if (running.length > 2 * crew.hands.length) await take(running.shift()!)
    }
    for (const one of running) await take(one)
  } finally {
    crew[Symbol.dispose]()
  }
  return store.finish(words)
}

interface Running {
  readonly order: Order
  readonly hand: Hand
  readonly doing: Promise<Done>
}

/** Texts as batches of about one size. */
export async function* batchesOf(texts: Iterable<string> | AsyncIterable<string>): AsyncGenerator<Order> {
  let [batch, chars, n] = [0, 0, 0]
  let held: string[] = []
  for await (const text of texts) {
    checkText(text, n++)
    held.push(text)
    chars += text.length
    if (chars < batchChars) continue
    yield { batch: batch++, texts: held }
    held = []
    chars = 0
  }
  if (held.length > 0) yield { batch, texts: held }
}

async function* fileBatches(files: readonly string[], encoding: string | undefined): AsyncGenerator<Order> {
  for (let at = 0; at < files.length; at += batchFiles) {
    const part = files.slice(at, at + batchFiles)
    yield { batch: at / batchFiles, files: part, ...(encoding !== undefined && { encoding }) }
  }
}

/** The options, and the processor that they describe. */
export function checked(where: string, options: TokenizeFilesOptions) {
  checkOptions(where, options, names)
  const { workers, cache, encoding: _, ...processing } = options
  if (workers !== undefined && !(Number.isInteger(workers) && workers >= 0)) {
    throw new EspalierError(
      'text/workers',
      `workers must be a whole number ≥ 0, got ${describeNumber(workers)}`,
      {
        fix: 'say workers: 2',
      },
    )
  }
  return { processor: new TextProcessor(processing), workers, cache }
}

function charsOf(texts: readonly string[]): number {
  return texts.reduce((n, text) => n + (text?.length ?? 0), 0)
}

function hashOfTexts(texts: readonly string[]): string {
  const hash = createHash('sha256')
  for (const [i, text] of texts.entries()) {
    checkText(text, i)
    hash.update(`${text.length} `).update(text)
  }
  return hash.digest('hex')
}

function checkText(text: unknown, i: number): void {
  if (typeof text === 'string') return
  throw new EspalierError('text/input', `text ${i} is ${describe(text)}, not a string`, {
    fix: 'give texts: rows.map((row) => row.text)',
  })
}

function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex')
}
