import { join } from 'node:path'
import { EspalierError, listed, parentLabel, type Splitter } from '@espalier/data'
import { getTextFiles } from '@espalier/data/node'
import {
  loadersOf,
  TextDataLoaders as neutral,
  splitterOf,
  type TextDataLoadersOptions,
  type TextsFrom,
  type TextsFromDfOptions,
  textsOfRows,
} from '../blocks/text-data-loaders.js'
import type { TextProcessorOptions } from '../tokenize/text-processor.js'
import { type TextInput, Tokenize } from '../tokenize/tokenize.js'
import { TokenizedText, type TokenSource } from '../tokenize/tokens.js'
import type { CsvOptions } from './csv-rows.js'
import { readText } from './read-text.js'
import { csvTexts, tokenizeCsv } from './tokenize-csv.js'
import { type TokenizeFilesOptions, tokenizeFiles, tokenizeTexts } from './tokenize-texts.js'

/** Also where tokens are kept. */
interface Kept {
  /** A folder for the tokens: see `tokenizeTexts`. Default: they are kept in memory. */
  readonly cache?: string
}

/** Where texts lie in folders. */
export interface TextsFromFolderOptions extends TextDataLoadersOptions, Kept {
  /** The folders that divide the texts. Default `'train'` and `'valid'`. */
  readonly train?: string
  readonly valid?: string
  /** Any encoding that `TextDecoder` knows. Default UTF-8. */
  readonly encoding?: string
}

/** A table in a file. */
export interface TextsFromCsvOptions extends TextsFromDfOptions, CsvOptions, Kept {
  /** Relative to the path. Default `labels.csv`. */
  readonly csvFname?: string
}

/** Rows in memory. */
export interface TextsFromRowsOptions extends TextsFromDfOptions, Kept {}

/** Loaders for the usual ways of keeping texts (fastai's `TextDataLoaders`). Texts are tokenized once, in threads. */
export const TextDataLoaders = {
  ...neutral,

  /**
   * Takes texts and labels from rows (`from_df`): objects with a key for each column, or lists.
   *
   * @example
   * await TextDataLoaders.fromDf(rows, { textCol: 'review', labelCol: 'sentiment', bs: 32 })
   */
  async fromDf<const O extends TextsFromRowsOptions = TextsFromRowsOptions>(
    rows: readonly object[],
    options?: O,
  ): Promise<TextsFrom<O>> {
    const { cache, ...given } = options ?? ({} as TextsFromRowsOptions)
    const { texts, rest: others } = textsOfRows(rows, given)
    const rest = await taught(others, rows, async function* (which) {
      for (const i of which) yield texts.textOf(rows[i]!) as string
    })
    const tokens = await tokenizeTexts(
      rows.map((row) => texts.textOf(row) as string),
      processing(rest, { cache }),
    )
    const textOf = tokenized(rows, tokens, (row) => texts.textOf(row))
    return (await loadersOf({ ...texts, textOf }, rest)) as TextsFrom<O>
  },

  /**
   * Takes texts from the files of a folder, and their labels from the folders they lie in (`from_folder`). Where the
   * folders `train` and `valid` lie above those they divide the texts, unless `validPct` is given.
   *
   * @example
   * await TextDataLoaders.fromFolder('imdb', { valid: 'test', bs: 32 })
   */
  async fromFolder<const O extends TextsFromFolderOptions = TextsFromFolderOptions>(
    path: string,
    options?: O,
  ): Promise<TextsFrom<O>> {
    const {
      train = 'train',
      valid = 'valid',
      encoding,
      cache,
      ...rest
    } = options ?? ({} as TextsFromFolderOptions)
    const all = await getTextFiles(path)
    const divided = rest.validPct === undefined && !rest.splitter
    const named = options?.train !== undefined || options?.valid !== undefined
    const inParts = all.filter((file) => [train, valid].includes(partOf(file, path)))
    const byFolder = divided && (named || inParts.some((file) => partOf(file, path) === valid))
    const items = byFolder ? inParts : all
    if (items.length === 0) throw noFiles(path, train, valid)
    const split = byFolder ? { splitter: foldersSplitter(path, train, valid) } : {}
    const told = await taught({ ...rest, ...split }, items, async function* (which) {
      for (const i of which) yield (await readText(items[i]!, encoding)).text
    })
    const tokens = await tokenizeFiles(items, processing(told, { cache, encoding }))
    const textOf = tokenized(items, tokens, (text) => text)
    return (await loadersOf<string>({ items, textOf, labelOf: parentLabel }, told)) as TextsFrom<O>
  },

  /**
   * The same as `fromDf` with the rows of a table in a file, `labels.csv` in the folder unless it is said (`from_csv`).
   * The texts are tokenized while the file is read.
   */
  async fromCsv<const O extends TextsFromCsvOptions = TextsFromCsvOptions>(
    path: string,
    options?: O,
  ): Promise<TextsFrom<O>> {
    const {
      csvFname = 'labels.csv',
      header,
      delimiter,
      encoding,
      cache,
      ...given
    } = options ?? ({} as TextsFromCsvOptions)
    const { textCol = 0, markFields, ...rest } = given
    const form = {
      ...(header !== undefined && { header }),
      ...(delimiter !== undefined && { delimiter }),
      ...(encoding !== undefined && { encoding }),
    }
    const file = join(path, csvFname)
    const marks = markFields !== undefined ? { markFields } : {}
    const told = await taughtByCsv(file, { ...rest, ...marks, textCol }, { ...form, ...marks })
    const { rows, tokens } = await tokenizeCsv(file, textCol, {
      ...form,
      ...marks,
      ...processing(told, { cache }),
    })
    const { texts, rest: others } = textsOfRows(rows, told)
    const textOf = tokenized(rows, tokens, (row) => texts.textOf(row))
    return (await loadersOf({ ...texts, textOf }, others)) as TextsFrom<O>
  },
}

/** How texts are divided. */
function dividing({ tok, rules, postRules }: TextDataLoadersOptions): TextProcessorOptions {
  return { ...(tok && { tok }), ...(rules && { rules }), ...(postRules && { postRules }) }
}

/** What tokenizing is told. */
function processing(
  { workers, ...options }: TextDataLoadersOptions,
  { cache, encoding }: { readonly cache: string | undefined; readonly encoding?: string | undefined },
): TokenizeFilesOptions {
  return {
    ...dividing(options),
    ...(workers !== undefined && { workers }),
    ...(cache !== undefined && { cache }),
    ...(encoding !== undefined && { encoding }),
  }
}

/** Whether the tokenizer has yet to learn from the texts that train: they are tokenized when it has. */
const learns = ({ tok }: TextDataLoadersOptions): boolean => tok?.train !== undefined && tok.trained !== true

/**
 * Lets a tokenizer that has yet to learn read the texts that train, one after the other; `read` gives those at some
 * places. The options say from then on which texts these are.
 */
async function taught<Item, O extends TextDataLoadersOptions>(
  options: O,
  items: readonly Item[],
  read: (which: readonly number[]) => AsyncIterable<string>,
): Promise<O> {
  if (!learns(options)) return options
  const splits = splitterOf<Item>(options)(items)
  await new Tokenize(dividing(options)).setup(read(splits[0]))
  return { ...options, splitter: () => splits }
}

/** The same with a table in a file, which is read for its rows and then for their texts. */
async function taughtByCsv<O extends TextsFromDfOptions>(
  file: string,
  options: O,
  form: Parameters<typeof csvTexts>[2],
): Promise<O> {
  if (!learns(options)) return options
  const { textCol = 0 } = options
  const rows: object[] = []
  for await (const { row } of csvTexts(file, textCol, form)) rows.push(row)
  const { splitter } = await taught(textsOfRows(rows, options).rest, rows, async function* (which) {
    const wanted = new Set(which)
    let place = 0
    for await (const { text } of csvTexts(file, textCol, form)) if (wanted.has(place++)) yield text
  })
  return { ...options, ...(splitter && { splitter }) }
}

/** The tokens of each item; an item that is not among them is a new one. */
function tokenized<Item>(
  items: readonly Item[],
  tokens: TokenSource,
  other: (item: Item) => TextInput,
): (item: Item) => TextInput {
  const places = new Map(items.map((item, i) => [item, i]))
  return (item) => {
    const place = places.get(item)
    return place === undefined ? other(item) : new TokenizedText(tokens, place)
  }
}

/** The folder right under `path` that a file lies in. */
function partOf(file: string, path: string): string {
  const base = join(path, '.')
  return file.startsWith(base) ? (file.slice(base.length).split(/[/\\]/).filter(Boolean)[0] ?? '') : ''
}

function foldersSplitter(path: string, train: string, valid: string): Splitter<never> {
  return (items: readonly string[]) => {
    const under = (name: string) => items.flatMap((file, i) => (partOf(file, path) === name ? [i] : []))
    const splits = [under(train), under(valid)] as const
    const missing = [train, valid].find((_, i) => splits[i]!.length === 0)
    if (missing === undefined) return splits
    const there = [...new Set(items.map((file) => partOf(file, path)))]
    throw new EspalierError('text/folders', `no text lies under '${join(path, missing)}'`, {
      fix: `there are ${listed(there)}: name them with { train, valid }, or say validPct: 0.2`,
    })
  }
}

function noFiles(path: string, train: string, valid: string): EspalierError {
  return new EspalierError('text/folders', `no text lies under '${train}' or '${valid}' of '${path}'`, {
    fix: 'name the folders with { train, valid }, or say validPct: 0.2',
  })
}
