import {
  type AnyBlock,
  type ArrayOf,
  type CardTable,
  type CategoryPrediction,
  categoryBlock,
  colReader,
  colSplitter,
  type DataLoaders,
  dataBlock,
  describe,
  EspalierError,
  type LoaderOptions,
  type MultiCategoryPrediction,
  multiCategoryBlock,
  type NdArray,
  type PredictionOf,
  randomSplitter,
  type Splitter,
} from '@espalier/data'
import { columnOf, joinTexts } from '../tokenize/join-texts.js'
import type { TextInput } from '../tokenize/tokenize.js'
import { type TextBlockOptions, textBlock } from './text-block.js'
import { type LmDataLoaders, textLoaders } from './text-loaders.js'

/** How texts are divided, read and batched. */
export interface TextDataLoadersOptions extends LoaderOptions, TextBlockOptions {
  /** Which texts validate. Default: a random `validPct` of them. */
  readonly splitter?: Splitter<never>
  /** Default 0.2. */
  readonly validPct?: number
  /** What is predicted. Default `categoryBlock()`. */
  readonly yBlock?: AnyBlock
}

/** Which columns of a table are the text, its label and its part. */
export interface TextsFromDfOptions extends TextDataLoadersOptions {
  /** The column of the text, by name or number; several are joined. Default 0. */
  readonly textCol?: string | number | readonly (string | number)[]
  /** Puts `xxfld` and its number before each of several columns. Default: where there are several. */
  readonly markFields?: boolean
  /** The column of the label, or several. Default 1. */
  readonly labelCol?: string | number | readonly (string | number)[]
  /** Takes labels apart into several. */
  readonly labelDelim?: string
  /** A column that is true for texts that validate. Default: a random part. */
  readonly validCol?: string | number
}

type Y<O> = O extends { readonly yBlock: infer B extends AnyBlock } ? B : never
/** Loaders of texts with one label each. */
export type LabelledTexts = DataLoaders<
  readonly [NdArray<'int32'>, NdArray<'int32'>],
  CategoryPrediction,
  CardTable
>
/** Loaders of texts with any number of labels each. */
export type MultiLabelledTexts = DataLoaders<
  readonly [NdArray<'int32'>, NdArray<'float32'>],
  MultiCategoryPrediction,
  CardTable
>
/** What options make of texts: one label each, unless they say something else. */
export type TextsFrom<O> = O extends { readonly isLm: true }
  ? LmDataLoaders
  : [Y<O>] extends [never]
    ? O extends { readonly labelDelim: string } | { readonly labelCol: readonly unknown[] }
      ? MultiLabelledTexts
      : LabelledTexts
    : DataLoaders<readonly [NdArray<'int32'>, ArrayOf<Y<O>>], PredictionOf<Y<O>>, CardTable>

/** Texts and their labels, and how to find them in an item. */
export interface TextsOf<Item> {
  readonly items: readonly Item[]
  textOf(item: Item): TextInput
  labelOf?(item: Item): unknown
  readonly several?: boolean
}

/** Loaders for the usual ways of keeping texts (fastai's `TextDataLoaders`); Node adds those that read files. */
export const TextDataLoaders = {
  /** Loaders of a data block whose first block is a `textBlock` (`from_dblock`). */
  fromDblock: textLoaders,

  /**
   * Takes texts and labels from rows (`from_df`): objects with a key for each column, or lists.
   *
   * @example
   * await TextDataLoaders.fromDf(rows, { textCol: 'review', labelCol: 'sentiment', bs: 32 })
   */
  async fromDf<const O extends TextsFromDfOptions = TextsFromDfOptions>(
    rows: readonly object[],
    options?: O,
  ): Promise<TextsFrom<O>> {
    const { texts, rest } = textsOfRows(rows, options ?? ({} as TextsFromDfOptions))
    return (await loadersOf(texts, rest)) as TextsFrom<O>
  },
}

/** The texts and labels of rows, and the options that are not about rows. */
export function textsOfRows(
  rows: readonly object[],
  options: TextsFromDfOptions,
): { readonly texts: TextsOf<object>; readonly rest: TextDataLoadersOptions } {
  checkRows(rows)
  const { textCol = 0, markFields, labelCol = 1, labelDelim, validCol, ...rest } = options
  const column = (col: string | number) => columnOf(rows, col)
  const cols = [textCol].flat().map(column)
  const textOf = joinTexts(cols, markFields)
  const split = validCol === undefined ? undefined : colSplitter(column(validCol))(rows as never)
  const labels = Array.isArray(labelCol) ? labelCol.map(column) : column(labelCol as string | number)
  const reading = labelDelim === undefined ? {} : { labelDelim }
  const read = options.isLm ? undefined : (colReader(labels as string, reading) as (row: object) => unknown)
  const several = labelDelim !== undefined || Array.isArray(labelCol)
  return {
    texts: { items: rows, textOf, several, ...(read && { labelOf: (row: object) => flat(read(row)) }) },
    rest: { ...rest, ...(split && { splitter: () => split }) },
  }
}

/** Loaders of items that have texts. */
export async function loadersOf<Item>(
  { items, textOf, labelOf, several }: TextsOf<Item>,
  options: TextDataLoadersOptions,
): Promise<unknown> {
  const { splitter: _, validPct: __, yBlock, ...rest } = options
  const [reading, loading] = divided(rest)
  const x = textBlock(reading)
  const spec = {
    getItems: (source: readonly Item[]) => source,
    getX: textOf,
    splitter: splitterOf<Item>(options),
  }
  if (reading.isLm)
    return textLoaders(dataBlock({ ...spec, blocks: [x] }), items, loading as LoaderOptions<Item>)
  const y = yBlock ?? (several ? multiCategoryBlock() : categoryBlock())
  const getY = labelOf as (item: Item) => never
  return textLoaders(dataBlock({ ...spec, blocks: [x, y], getY }), items, loading as LoaderOptions<Item>)
}

/** Which texts train and which validate. */
export function splitterOf<Item>({ splitter, validPct = 0.2, seed }: TextDataLoadersOptions): Splitter<Item> {
  return (splitter ?? randomSplitter({ validPct, ...(seed !== undefined && { seed }) })) as Splitter<Item>
}

const ofLoaders: ReadonlySet<string> = new Set(
  Object.keys({
    ...{ bs: 1, valBs: 1, seed: 1, shuffle: 1, valShuffle: 1 },
    ...{ dropLast: 1, order: 1, weights: 1, prefetch: 1, workers: 1 },
  } satisfies Record<keyof LoaderOptions, 1>),
)

/** The options of the text block, and those of the loaders; each checks its own. */
function divided(options: TextBlockOptions & LoaderOptions): [TextBlockOptions, LoaderOptions] {
  const entries = Object.entries(options)
  const part = (of: boolean) => Object.fromEntries(entries.filter(([name]) => ofLoaders.has(name) === of))
  return [part(false), part(true)]
}

/** Labels that several columns hold, each perhaps several. */
function flat(label: unknown): unknown {
  return Array.isArray(label) ? label.flat().filter((l) => l !== '') : label
}

function checkRows(rows: unknown): void {
  if (Array.isArray(rows) && rows.length > 0) return
  const got = Array.isArray(rows) ? 'none' : describe(rows)
  throw new EspalierError('text/rows', `fromDf takes a list of rows, got ${got}`, {
    fix: "say fromDf([{ text: 'I loved it', label: 'pos' }, …]); for a table in a file use fromCsv",
  })
}
