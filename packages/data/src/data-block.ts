import type { AnyBlock, Block } from './blocks/block.js'
import type { CardTable } from './blocks/card-table.js'
import { checkOptions } from './check-options.js'
import { checkSpec } from './check-spec.js'
import { type ColumnsOf, type RowOf, rowsOf } from './columns.js'
import { type Datasets, datasets } from './datasets/datasets.js'
import { describe } from './describe.js'
import { EspalierError, reasonOf } from './errors.js'
import { readable } from './label/readable.js'
import { DataLoaders } from './load/data-loaders.js'
import { type LoaderOptions, loaderOptionNames } from './load/loader-options.js'
import type { NdArray } from './nd-array.js'
import { randomSplitter } from './split/random-splitter.js'
import { type Splitter, splitItems } from './split/splitter.js'
import { type SummaryOptions, summarize } from './summary.js'
import type { BatchTransform } from './transform/batch-transform.js'
import type { BeforeBatch } from './transform/before-batch.js'
import { type ItemTransform, mergeTransforms } from './transform/item-transform.js'
import { Pipeline } from './transform/pipeline.js'
import type { TransformLike } from './transform/transform.js'

/** What a block's getter must return. */
export type RawOf<B> = B extends Block<infer Raw, AnyArrays, unknown, unknown> ? Raw : never
/** What a block becomes in a batch. */
export type ArrayOf<B> =
  B extends Block<never, infer A, unknown, unknown> ? (A extends NdArray ? A : NdArray) : never
/** What predicting a block returns. */
export type PredictionOf<B> = B extends Block<never, AnyArrays, infer P, unknown> ? P : never
/** What a block's `render` draws; a table where it has none. */
export type ShownOf<B> =
  B extends Block<never, AnyArrays, unknown, infer S> ? (unknown extends S ? CardTable : S) : never
/** What blocks become in a batch: an array each, or those that a single block makes of an item. */
export type ArraysOf<Bs extends readonly unknown[]> = Bs extends readonly [
  Block<never, infer A extends readonly NdArray[], unknown, unknown>,
]
  ? A
  : { readonly [K in keyof Bs]: ArrayOf<Bs[K]> } extends infer R extends readonly NdArray[]
    ? R
    : never

type AnyArrays = NdArray | readonly NdArray[]
type Last<T extends readonly unknown[]> = T extends readonly [...unknown[], infer L] ? L : never
/** What each block is read from; the second part lets the compiler see what an item is. */
type Getters<Item, Bs extends readonly unknown[]> = {
  readonly [K in keyof Bs]: (item: Item) => RawOf<Bs[K]> | Promise<RawOf<Bs[K]>>
} & readonly ((item: Item) => unknown)[]

/** What a data block is told: its blocks, and where items, labels and the validation set come from. */
export interface DataBlockSpec<Source, Item, Bs extends readonly AnyBlock[]> {
  /** One per element of a sample, inputs first. */
  readonly blocks: readonly [...Bs]
  /** The items of a source; default: the source is the list. */
  readonly getItems?: (source: Source) => readonly Item[] | Promise<readonly Item[]>
  /** What the first block is read from; default: the item itself. */
  readonly getX?: (item: Item) => RawOf<Bs[0]> | Promise<RawOf<Bs[0]>>
  /** What the last block is read from. */
  readonly getY?: (item: Item) => RawOf<Last<Bs>> | Promise<RawOf<Last<Bs>>>
  /** One getter per block, instead of `getX` and `getY`. */
  readonly getters?: Getters<Item, Bs>
  /** Default: `randomSplitter()`, a fifth of the items. */
  readonly splitter?: Splitter<Item>
  readonly itemTfms?: readonly ItemTransform[]
  /** Steps on the samples of a batch before they are stacked, such as padding. */
  readonly beforeBatch?: readonly BeforeBatch[]
  readonly batchTfms?: readonly BatchTransform[]
  /** How many blocks feed the model. Default: all but the last. */
  readonly nInp?: number
}

/**
 * How to go from a source to batches, said once (fastai's `DataBlock`): the blocks of a sample, how to list,
 * label and split the items, and what to do to a sample and to a batch. The compiler checks that each getter
 * returns what its block reads.
 *
 * @example
 * const numbers = dataBlock({
 *   blocks: [imageBlock(), categoryBlock()],
 *   getItems: getImageFiles,
 *   getY: parentLabel,
 *   splitter: randomSplitter({ validPct: 0.2, seed: 42 }),
 *   itemTfms: [resize(128)],
 * })
 * const dls = await numbers.dataLoaders('mnist', { bs: 32 })
 */
export class DataBlock<Source, Item, Bs extends readonly AnyBlock[]> {
  constructor(readonly spec: DataBlockSpec<Source, Item, Bs>) {
    checkSpec(spec)
  }

  /**
   * A data block whose source is a list of columns, one for each block (fastai's `from_columns`); with `getItems` the
   * columns of any source.
   *
   * @example
   * const block = DataBlock.fromColumns({ blocks: [imageBlock(), categoryBlock()] })
   * const dls = await block.dataLoaders([files, labels])
   */
  static fromColumns<const Bs extends readonly AnyBlock[], Source = ColumnsOf<Bs>>(
    spec: Omit<DataBlockSpec<Source, RowOf<Bs>, Bs>, 'getItems' | 'getX' | 'getY' | 'getters'> & {
      readonly getItems?: (source: Source) => ColumnsOf<Bs> | Promise<ColumnsOf<Bs>>
    },
  ): DataBlock<Source, RowOf<Bs>, Bs> {
    const { getItems, ...rest } = spec
    const columns = (source: Source) => (getItems ? getItems(source) : (source as unknown as ColumnsOf<Bs>))
    const { blocks } = spec
    return new DataBlock({
      ...rest,
      getItems: async (source) => rowsOf<Bs>(await columns(source), blocks.length),
      getters: blocks.map((_, i) => (row: RowOf<Bs>) => row[i]) as unknown as Getters<RowOf<Bs>, Bs>,
    })
  }

  /** The same block with other transforms of the user's (fastai's `new`). */
  new(
    transforms: Pick<DataBlockSpec<Source, Item, Bs>, 'itemTfms' | 'beforeBatch' | 'batchTfms'> = {},
  ): DataBlock<Source, Item, Bs> {
    checkOptions('DataBlock.new', transforms, ['itemTfms', 'beforeBatch', 'batchTfms'])
    return new DataBlock({ ...this.spec, ...transforms })
  }

  get nInp(): number {
    return this.spec.nInp ?? Math.max(1, this.spec.blocks.length - 1)
  }

  /** The item transforms of the blocks and of the user, merged. */
  get itemTfms(): readonly ItemTransform[] {
    return mergeTransforms(...this.spec.blocks.map((b) => b.itemTfms), this.spec.itemTfms)
  }

  get beforeBatch(): readonly BeforeBatch[] {
    return mergeTransforms(...this.spec.blocks.map((b) => b.beforeBatch), this.spec.beforeBatch)
  }

  get batchTfms(): readonly BatchTransform[] {
    return mergeTransforms(...this.spec.blocks.map((b) => b.batchTfms), this.spec.batchTfms)
  }

  async datasets(source: Source): Promise<Datasets<Item, ArraysOf<Bs>, PredictionOf<Last<Bs>>>> {
    const { splitter = randomSplitter(), blocks } = this.spec
    const items = await this.#items(source)
    const splits = splitItems(splitter, items)
    const pipelines = blocks.map((block, i) => new Pipeline<Item>([this.#getter(i), ...block.typeTfms()]))
    const dsets = await datasets<Item>(items, pipelines, { splits, nInp: this.nInp })
    return dsets as unknown as Datasets<Item, ArraysOf<Bs>, PredictionOf<Last<Bs>>>
  }

  async dataLoaders(
    source: Source,
    options: LoaderOptions<Item> = {},
  ): Promise<DataLoaders<ArraysOf<Bs>, PredictionOf<Last<Bs>>, ShownOf<Bs[0]>>> {
    checkOptions('dataLoaders', options, loaderOptionNames)
    const { itemTfms, beforeBatch, batchTfms } = this
    const [first] = this.spec.blocks
    const render = first?.render?.bind(first) as ((cards: unknown) => ShownOf<Bs[0]>) | undefined
    const dls = DataLoaders.fromDsets<Item, ArraysOf<Bs>, PredictionOf<Last<Bs>>, ShownOf<Bs[0]>>(
      await this.datasets(source),
      {
        ...options,
        itemTfms,
        beforeBatch,
        batchTfms,
        names: this.spec.blocks.map((b) => b.name),
        ...(render && { render }),
      },
    )
    const dlType = this.spec.blocks.find((b) => b.dlType)?.dlType
    return dlType ? dlType(dls) : dls
  }

  /** Walks one item and one batch through every step and writes down what each makes of it. */
  async summary(source: Source, options: SummaryOptions = {}): Promise<string> {
    return summarize(this, source, options)
  }

  async #items(source: Source): Promise<readonly Item[]> {
    const { getItems } = this.spec
    const of = typeof source === 'string' ? ` of '${source}'` : ''
    const items = await itemsOrExplain(of, () => (getItems ? getItems(source) : (source as readonly Item[])))
    if (!Array.isArray(items)) {
      throw new EspalierError(
        'block/items',
        `${getItems ? `getItems returned ${describe(items)}${of}` : `the items are ${describe(items)}`}, not a list`,
        {
          fix: getItems
            ? 'getItems must return the items of a source, or a promise of them'
            : 'give a list of items, or say how to list them: getItems: getImageFiles',
        },
      )
    }
    if (items.length > 0) return items
    throw new EspalierError('block/no-items', `there are no items${of && ` under '${source}'`}`, {
      fix: getItems ? 'look at what getItems returns for this source' : 'the list that was given is empty',
    })
  }

  #getter(i: number): TransformLike<Item, unknown> {
    const { getters, getX, getY, blocks } = this.spec
    const last = blocks.length - 1
    const get = getters?.[i] ?? (i === 0 ? getX : i === last ? getY : undefined)
    const what = i < this.nInp ? 'getX' : 'label function'
    if (get) return readable(get as (item: Item) => unknown, what, blocks[i]!)
    return { name: 'item', local: true, encode: (item) => item }
  }
}

async function itemsOrExplain<T>(of: string, list: () => T): Promise<Awaited<T>> {
  try {
    return await list()
  } catch (error) {
    if (error instanceof EspalierError) throw error
    throw new EspalierError('block/items', `listing the items${of} failed: ${reasonOf(error)}`, {
      cause: error,
    })
  }
}

/** Makes a {@link DataBlock}; its types follow from the blocks. */
export function dataBlock<Source, Item, const Bs extends readonly AnyBlock[]>(
  spec: DataBlockSpec<Source, Item, Bs>,
): DataBlock<Source, Item, Bs> {
  return new DataBlock(spec)
}
