import { checkOptions, describe, EspalierError, regressionBlock } from '@espalier/data'
import { TabularDataLoaders, type TabularLoaderOptions } from '../data/tabular-data-loaders.js'
import type { Frame } from '../frame/frame.js'
import { type CategorifyOptions, categorify } from '../procs/categorify.js'
import { contCatSplit } from '../procs/cont-cat-split.js'
import { fillMissing } from '../procs/fill-missing.js'
import { normalize } from '../procs/normalize.js'
import type { CsvOptions } from '../read/csv-options.js'
import { readCsv } from '../read/read-csv.js'

/** Which columns of a table are the user, the item and the rating, and which ratings validate. */
export interface CollabOptions
  extends Pick<
    TabularLoaderOptions,
    | 'splitter'
    | 'splits'
    | 'validPct'
    | 'seed'
    | 'bs'
    | 'valBs'
    | 'shuffle'
    | 'dropLast'
    | 'order'
    | 'weights'
  > {
  /** Default: the first column. */
  readonly user?: string
  /** Default: the second column. */
  readonly item?: string
  /** Default: the third column. */
  readonly rating?: string
  /** Columns that say something about the user, and about the item, for a network to look at beside the ids. */
  readonly userColumns?: readonly string[]
  readonly itemColumns?: readonly string[]
  /** The least and the greatest rating there may be: one outside is an error that names its row. */
  readonly range?: readonly [least: number, greatest: number]
  /** What a user or an item is that no training row has: `#na#`, code 0, or an error. Default `'na'`. */
  readonly unseen?: NonNullable<CategorifyOptions['unseen']>
}

const optionNames: readonly string[] = Object.keys({
  user: true,
  item: true,
  rating: true,
  userColumns: true,
  itemColumns: true,
  range: true,
  unseen: true,
  splitter: true,
  splits: true,
  validPct: true,
  seed: true,
  bs: true,
  valBs: true,
  shuffle: true,
  dropLast: true,
  order: true,
  weights: true,
} satisfies Readonly<Record<keyof CollabOptions, true>>)

/**
 * Loaders of ratings (fastai's `CollabDataLoaders`): a batch has the codes of user and item, int32 `[b, 2]`, and the
 * rating, float32 `[b, 1]`. Code 0 is a user or an item that no training row has. Columns of users and items beside the ids
 * follow them: categories as further codes, numbers as float32 `[b, n]` in between.
 */
export const CollabDataLoaders = {
  /**
   * Loaders of a frame of ratings (fastai's `from_df`).
   *
   * @example
   * await CollabDataLoaders.fromFrame(ratings, { user: 'userId', item: 'movieId', rating: 'rating', seed: 42 })
   */
  async fromFrame(frame: Frame, options: CollabOptions = {}): Promise<TabularDataLoaders<number>> {
    checkOptions('CollabDataLoaders', options, optionNames)
    const [first, second, third] = frame.names
    const { user = first, item = second, rating = third, range, unseen = 'na', ...rest } = options
    const { userColumns = [], itemColumns = [], ...loading } = rest
    if (user === undefined || item === undefined || rating === undefined) {
      throw new EspalierError(
        'collab/columns',
        `ratings need a user, an item and a rating, the frame has ${frame.names.length} columns`,
      )
    }
    if (range) checkRange(frame, rating, range)
    const others = [...userColumns, ...itemColumns]
    const { catNames, contNames } = contCatSplit(frame.select(others))
    const ids = categorify({ unseen, missing: [user, item] })
    return TabularDataLoaders.fromFrame(
      frame.select([user, item, ...others, rating, ...weightColumn(loading.weights)]),
      {
        ...loading,
        catNames: [user, item, ...catNames],
        contNames,
        yNames: rating,
        yBlock: regressionBlock(),
        procs: others.length > 0 ? [ids, fillMissing({ addCol: false }), normalize()] : [ids],
      },
    )
  },

  /** The same with the rows of a file; `csv` says how it is written (fastai's `from_csv`). */
  async fromCsv(
    path: string,
    { csv, ...options }: CollabOptions & { readonly csv?: CsvOptions } = {},
  ): Promise<TabularDataLoaders<number>> {
    return CollabDataLoaders.fromFrame(await readCsv(path, csv), options)
  },
}

function weightColumn(weights: CollabOptions['weights']): string[] {
  return typeof weights === 'string' ? [weights] : []
}

function checkRange(frame: Frame, rating: string, range: readonly [number, number]): void {
  const [least, greatest] = range
  const column = frame.column(rating)
  for (let i = 0; i < column.length; i++) {
    const value = column.at(i)
    if (value === null || (typeof value === 'number' && value >= least && value <= greatest)) continue
    throw new EspalierError(
      'collab/range',
      `row ${i} holds ${describe(value)} in column '${rating}', ratings are from ${least} to ${greatest}`,
      {
        fix: 'leave such rows out, or say another range',
      },
    )
  }
}
