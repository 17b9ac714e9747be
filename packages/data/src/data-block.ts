import type { AnyBlock, Block } from './blocks/block.js'
import { checkSpec } from './check-spec.js'
import { itemId } from './datasets/dataset.js'
import { type Datasets, datasets } from './datasets/datasets.js'
import { describe } from './describe.js'
import { EspalierError, reasonOf } from './errors.js'
import { DataLoader } from './load/data-loader.js'
import { DataLoaders, targetOf } from './load/data-loaders.js'
import { SkipItem } from './load/skip-item.js'
import type { NdArray } from './nd-array.js'
import { randomSplitter } from './split/random-splitter.js'
import { type Splitter, splitItems } from './split/splitter.js'
import { summarize } from './summary.js'
import type { BatchTransform } from './transform/batch-transform.js'
import { type ItemTransform, mergeTransforms } from './transform/item-transform.js'
import { Pipeline } from './transform/pipeline.js'
import type { TransformLike } from './transform/transform.js'

/** What a block's getter must return. */
export type RawOf<B> = B extends Block<infer Raw, NdArray, unknown, unknown> ? Raw : never
/** What a block becomes in a batch. */
export type ArrayOf<B> = B extends Block<never, infer A, unknown, unknown> ? A : never
/** What predicting a block returns. */
export type PredictionOf<B> = B extends Block<never, NdArray, infer P, unknown> ? P : never
/** What a block's `render` draws. */
export type ShownOf<B> = B extends Block<never, NdArray, unknown, infer S> ? S : never

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
  readonly batchTfms?: readonly BatchTransform[]
  /** How many blocks feed the model. Default: all but the last. */
  readonly nInp?: number
}

/** How samples become batches; the defaults are fastai's: 64 at a time, shuffled, an incomplete last batch left out. */
export interface LoaderOptions {
  readonly bs?: number
  /** Batch size of validation; default `bs`. */
  readonly valBs?: number
  readonly seed?: number
  readonly shuffle?: boolean
  readonly dropLast?: boolean
  readonly prefetch?: number
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

  get nInp(): number {
    return this.spec.nInp ?? Math.max(1, this.spec.blocks.length - 1)
  }

  /** The item transforms of the blocks and of the user, merged. */
  get itemTfms(): readonly ItemTransform[] {
    return mergeTransforms(...this.spec.blocks.map((b) => b.itemTfms), this.spec.itemTfms)
  }

  get batchTfms(): readonly BatchTransform[] {
    return mergeTransforms(...this.spec.blocks.map((b) => b.batchTfms), this.spec.batchTfms)
  }

  async datasets(source: Source): Promise<Datasets<Item>> {
    const { splitter = randomSplitter(), blocks } = this.spec
    const items = await this.#items(source)
    const splits = splitItems(splitter, items)
    const pipelines = blocks.map((block, i) => new Pipeline<Item>([this.#getter(i), ...block.typeTfms()]))
    return datasets(items, pipelines, { splits, nInp: this.nInp })
  }

  async dataLoaders(
    source: Source,
    { bs = 64, valBs = bs, seed = 42, shuffle = true, dropLast = shuffle, prefetch = 2 }: LoaderOptions = {},
  ): Promise<
    DataLoaders<{ readonly [K in keyof Bs]: ArrayOf<Bs[K]> }, PredictionOf<Last<Bs>>, ShownOf<Bs[0]>>
  > {
    type Arrays = { readonly [K in keyof Bs]: ArrayOf<Bs[K]> }
    const dsets = await this.datasets(source)
    if (dropLast && dsets.train.length < bs) {
      throw new EspalierError(
        'block/bs',
        `a batch of ${bs} cannot be filled from ${dsets.train.length} training items`,
        {
          fix: `${dsets.train.length > 1 ? `use bs: ${2 ** Math.floor(Math.log2(dsets.train.length))} or` : 'use'} dropLast: false`,
        },
      )
    }
    const shared = { itemTfms: this.itemTfms, batchTfms: this.batchTfms, nInp: this.nInp, seed, prefetch }
    const train = new DataLoader<Arrays>(dsets.train, { ...shared, bs, shuffle, dropLast, split: 0 })
    const valid = new DataLoader<Arrays>(dsets.valid, { ...shared, bs: valBs, split: 1 })
    const target = targetOf(dsets.pipelines.at(-1) as Pipeline<never> | undefined)
    return new DataLoaders(train, valid, {
      datasets: dsets as unknown as Datasets<never>,
      target: target as DataLoaders<Arrays, PredictionOf<Last<Bs>>>['target'],
      render: this.spec.blocks[0]?.render?.bind(this.spec.blocks[0]) as never,
    })
  }

  /** Walks one item and one batch through every step and writes down what each makes of it. */
  async summary(source: Source, options: { readonly bs?: number } = {}): Promise<string> {
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

/** A getter whose failures name the item. */
function readable<Item>(
  get: (item: Item) => unknown,
  what: string,
  { accepts }: AnyBlock,
): TransformLike<Item, unknown> {
  const failed = (item: Item, problem: string, cause?: unknown, fix?: string) =>
    new EspalierError('label/failed', `the ${what} ${problem} for ${itemId(item)}`, {
      fix: fix ?? 'it must return one value for every item; leave out the items that have none',
      cause,
    })
  const named = (item: Item, error: unknown) =>
    error instanceof EspalierError || error instanceof SkipItem
      ? error
      : failed(item, `threw "${reasonOf(error)}"`, error)
  return {
    name: get.name || what,
    local: true,
    encode(item) {
      const present = (value: unknown) => {
        if (value === undefined || value === null) throw failed(item, `returned ${value}`)
        const fix = accepts?.(value)
        if (fix) throw failed(item, `returned ${describe(value)}`, undefined, fix)
        return value
      }
      try {
        const value = get(item)
        if (!(value instanceof Promise)) return present(value)
        return value.then(present).catch((error) => Promise.reject(named(item, error)))
      } catch (error) {
        throw named(item, error)
      }
    },
  }
}

/** Makes a {@link DataBlock}; its types follow from the blocks. */
export function dataBlock<Source, Item, const Bs extends readonly AnyBlock[]>(
  spec: DataBlockSpec<Source, Item, Bs>,
): DataBlock<Source, Item, Bs> {
  return new DataBlock(spec)
}
