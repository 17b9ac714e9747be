import {
  CardTable as Cards,
  type CardTable,
  type CategoryPrediction,
  checkOptions,
  type DataLoader,
  type DataLoaderOptions,
  DataLoaders,
  Datasets,
  describe,
  EspalierError,
  type LoaderOptions,
  type MultiCategoryPrediction,
  type NdArray,
  Pipeline,
  type PredictionOf,
  type Target,
  type TestDlOptions,
  weightedDl,
} from '@espalier/data'
import { Frame, type Row } from '../frame/frame.js'
import { textOf } from '../frame/table-of.js'
import type { TabularProcs } from '../procs/tabular-procs.js'
import type { CsvOptions } from '../read/csv-options.js'
import { readCsv } from '../read/read-csv.js'
import { HalfTransform } from './half-transform.js'
import { TabDataLoader } from './tab-data-loader.js'
import { everyRow, inputsOf, TableDataset } from './table-dataset.js'
import {
  type TabularFrame,
  type TabularFrameOptions,
  tabularFrame,
  tabularFrameOptionNames,
} from './tabular-frame.js'
import { readerOf, type TabularTarget } from './tabular-target.js'

/** How a table is prepared, divided and batched. */
export interface TabularLoaderOptions
  extends TabularFrameOptions,
    Omit<LoaderOptions, 'seed' | 'weights' | 'workers' | 'prefetch'> {
  /** Draws training rows in proportion to these: a number for each row, a column, or a function of a row. Default: each row once. */
  readonly weights?: readonly number[] | string | ((row: Row) => number)
}

/** What a prediction is, from the options. */
export type TabularPrediction<O> = O extends { readonly yBlock: infer B }
  ? PredictionOf<B>
  : CategoryPrediction | MultiCategoryPrediction | number | number[]

type Options = Omit<TabularLoaderOptions, keyof TabularFrameOptions>
const loaderNames: readonly string[] = Object.keys({
  ...{ bs: true, valBs: true, shuffle: true, valShuffle: true, dropLast: true, order: true, weights: true },
} satisfies Readonly<Record<keyof Options, true>>)

/**
 * Loaders of the rows of a table (fastai's `TabularDataLoaders`). A batch has the codes int32 `[b, nCat]`, the numbers
 * float32 `[b, nCont]` (one of them alone where there is no column of the other kind) and the target.
 *
 * @example
 * const dls = await TabularDataLoaders.fromFrame(frame, {
 *   yNames: 'income', catNames: ['job'], contNames: ['age'], procs: [categorify(), fillMissing(), normalize()],
 * })
 */
export class TabularDataLoaders<P = unknown> extends DataLoaders<readonly NdArray[], P, CardTable> {
  constructor(
    train: DataLoader<readonly NdArray[]>,
    valid: DataLoader<readonly NdArray[]>,
    readonly procs: TabularProcs,
    readonly y: TabularTarget,
    more: readonly DataLoader[] = [],
  ) {
    super(train, valid, {
      datasets: pipelinesOf(procs, y),
      target: y.target as Target<P>,
      more,
      names: [...procs.input.cats, ...procs.input.conts, ...y.yNames],
    })
  }

  /** Loaders of a frame, which is prepared and divided as the options say (fastai's `from_df`). */
  static async fromFrame<const O extends TabularLoaderOptions>(
    frame: Frame,
    options: O,
  ): Promise<TabularDataLoaders<TabularPrediction<O>>> {
    checkOptions('TabularDataLoaders', options, [...tabularFrameOptionNames, ...loaderNames])
    const { preparing, loading } = dividedOptions(options)
    return TabularDataLoaders.of<TabularPrediction<O>>(tabularFrame(frame, preparing), {
      ...loading,
      seed: options.seed ?? 42,
    })
  }

  /** Loaders of a table in a file; `csv` says how it is written (fastai's `from_csv`). */
  static async fromCsv<const O extends TabularLoaderOptions>(
    path: string,
    { csv, ...options }: O & { readonly csv?: CsvOptions },
  ): Promise<TabularDataLoaders<TabularPrediction<O>>> {
    const frame = await readCsv(path, csv)
    return TabularDataLoaders.fromFrame(frame, options as unknown as O)
  }

  /** Loaders of a table that was prepared (fastai's `TabularPandas.dataloaders`). */
  static of<P = unknown>(
    to: TabularFrame,
    options: Options & { readonly seed?: number } = {},
  ): TabularDataLoaders<P> {
    checkOptions('dataLoaders', options, [...loaderNames, 'seed'])
    const { bs = 64, valBs = bs, seed = 42, shuffle = true, valShuffle = false, dropLast = shuffle } = options
    const order = orderOf(to, options)
    const [first, ...rest] = to.datasets()
    if (dropLast && !order && first!.length < bs) throw tooFew(bs, first!.length)
    const nInp = first!.arrays.length - 1
    const train = { bs, shuffle, dropLast, split: 0, seed, nInp, ...(order && { order }) }
    const other = { bs: valBs, shuffle: valShuffle, dropLast: false, split: 1, seed, nInp }
    const [valid, ...more] = rest.map((part) => new TabDataLoader(part, other))
    return new TabularDataLoaders<P>(new TabDataLoader(first!, train), valid!, to.procs, to.y!, more)
  }

  /** Loaders without rows that know how to prepare new ones, from those that an exported model brought. */
  static from<P>(dls: DataLoaders<readonly NdArray[], P, unknown>): TabularDataLoaders<P> {
    if (dls instanceof TabularDataLoaders) return dls as TabularDataLoaders<P>
    const steps = dls.datasets.pipelines.flatMap((p) => p.transforms)
    const half = steps.find((t): t is HalfTransform => t instanceof HalfTransform)
    if (!half || !dls.target) {
      throw new EspalierError('tabular/loaders', 'these data loaders are not those of a table', {
        fix: 'make them with TabularDataLoaders.fromFrame',
      })
    }
    const { yNames, labelDelim } = half.y
    const y = readerOf(yNames, dls.target, labelDelim)
    return emptyOf<P>(half.procs, y, dls.valid.options)
  }

  get catNames(): readonly string[] {
    return this.procs.roles.cats
  }

  get contNames(): readonly string[] {
    return this.procs.roles.conts
  }

  get yNames(): readonly string[] {
    return this.y.yNames
  }

  /** The classes of each categorical column, `#na#` first, in the order of their codes. */
  get classes(): Readonly<Record<string, readonly string[]>> {
    return this.procs.classes
  }

  override with(options: DataLoaderOptions): TabularDataLoaders<P> {
    const [train, valid, ...more] = this.loaders.map((dl) => dl.with(options))
    return new TabularDataLoaders<P>(train!, valid!, this.procs, this.y, more)
  }

  override newEmpty(): TabularDataLoaders<P> {
    return emptyOf<P>(this.procs, this.y, this.valid.options)
  }

  /** A loader over new rows, of a frame or as objects, in order; `withLabels` reads their targets too (fastai's `test_dl`). */
  override testDl(
    items: Frame | readonly unknown[],
    options: Omit<TestDlOptions, 'rmTypeTfms'> = {},
  ): DataLoader<readonly NdArray[]> {
    checkOptions('testDl', options, ['withLabels', 'bs'])
    const { withLabels = false, bs = this.valid.options.bs } = options
    const frame = items instanceof Frame ? items : this.#frameOf(items, withLabels)
    const arrays = [...inputsOf(this.procs.halves(frame)), ...(withLabels ? [this.y.read(frame)] : [])]
    const table = new TableDataset(arrays, everyRow(frame.length))
    return this.valid.with({ bs, shuffle: false, dropLast: false }, table)
  }

  /** A few rows as the model gets them, decoded: a table with a column for each of theirs. */
  override showBatch(
    options: { readonly maxN?: number; readonly valid?: boolean; readonly epoch?: number } = {},
  ): CardTable {
    checkOptions('showBatch', options, ['maxN', 'valid', 'epoch'])
    const { maxN = 9, valid = false, epoch = 0 } = options
    const names = [...this.procs.input.cats, ...this.procs.input.conts, this.yNames.join(', ')]
    const cards = this.oneBatch({ valid, epoch }).then((batch) => {
      const shown = this.cards(batch, maxN)
      const rows = this.rowsOf(batch.arrays).head(maxN)
      return shown.map((card, i) => [
        ...rows.names.map((name) => ({ text: textOf(rows.column(name).at(i)) })),
        ...card.slice(batch.nInp),
      ])
    })
    return new Cards(cards, names)
  }

  /** The inputs of a batch as raw rows. */
  rowsOf(arrays: readonly NdArray[]): Frame {
    const nCat = Number(this.catNames.length > 0)
    return this.procs.rowsOf({
      ...(nCat && { cats: arrays[0] as NdArray<'int32'> }),
      ...(this.contNames.length > 0 && { conts: arrays[nCat] as NdArray<'float32'> }),
    })
  }

  #frameOf(rows: readonly unknown[], withLabels: boolean): Frame {
    if (!Array.isArray(rows)) {
      throw new EspalierError(
        'loaders/items',
        `the rows to predict must be a list or a frame, got ${describe(rows)}`,
        {
          fix: 'put a single one in a list: [row]',
        },
      )
    }
    return this.procs.frameOf(
      rows as readonly Readonly<Record<string, unknown>>[],
      withLabels ? this.yNames : [],
    )
  }
}

function emptyOf<P>(
  procs: TabularProcs,
  y: TabularTarget,
  options: DataLoaderOptions,
): TabularDataLoaders<P> {
  const none = new TableDataset([], everyRow(0))
  const nInp = Number(procs.roles.cats.length > 0) + Number(procs.roles.conts.length > 0)
  const loader = (split: number) =>
    new TabDataLoader(none, { ...options, nInp, split, shuffle: false, dropLast: false })
  return new TabularDataLoaders<P>(loader(0), loader(1), procs, y)
}

/** What learners and exports ask of data sets: how a row becomes inputs, and how a target is shown. */
function pipelinesOf(procs: TabularProcs, { yNames, labelDelim, target }: TabularTarget): Datasets<never> {
  const y = { yNames, ...(labelDelim !== undefined && { labelDelim }) }
  const { cats, conts } = procs.roles
  const halves = [
    ...(cats.length > 0 ? ['cats' as const] : []),
    ...(conts.length > 0 ? ['conts' as const] : []),
  ]
  const pipelines = [
    ...halves.map((half) => new Pipeline<never>([new HalfTransform(half, procs, y)])),
    new Pipeline<never>([target]),
  ]
  return new Datasets<never>([], pipelines, [[], []], halves.length)
}

function orderOf(to: TabularFrame, { order, weights }: Options): LoaderOptions['order'] {
  if (weights === undefined) return order
  if (order) {
    throw new EspalierError('loader/order', 'order and weights both say what an epoch has', {
      fix: 'give one of them',
    })
  }
  const { items, splits } = to
  if (typeof weights === 'function') return weightedDl(splits[0].map((i) => weights(items.row(i))))
  const all = typeof weights === 'string' ? items.column(weights).numbers() : weights
  if (all.length === items.length) return weightedDl(splits[0].map((i) => all[i]!))
  throw new EspalierError('loader/weights', `there are ${all.length} weights for ${items.length} rows`, {
    fix: 'give one for each row, validation included',
  })
}

function dividedOptions(options: TabularLoaderOptions): { preparing: TabularFrameOptions; loading: Options } {
  const entries = Object.entries(options)
  const part = (names: readonly string[]) =>
    Object.fromEntries(entries.filter(([name]) => names.includes(name)))
  return {
    preparing: part(tabularFrameOptionNames) as unknown as TabularFrameOptions,
    loading: part(loaderNames) as Options,
  }
}

function tooFew(bs: number, n: number): EspalierError {
  return new EspalierError('block/bs', `a batch of ${bs} cannot be filled from ${n} training rows`, {
    fix: `${n > 1 ? `use bs: ${2 ** Math.floor(Math.log2(n))} or` : 'use'} dropLast: false`,
  })
}
