import type { Card } from '../blocks/block.js'
import { checkOptions } from '../check-options.js'
import { EspalierError, reasonOf } from '../errors.js'
import { encodeEach, gathered } from '../load/finish-sample.js'
import type { NdArray } from '../nd-array.js'
import { Random } from '../random/random.js'
import { overlapOf, type Splits } from '../split/splitter.js'
import { type DecodeOptions, Pipeline } from '../transform/pipeline.js'
import type { ArraysFrom, ReadByLast } from '../transform/step-types.js'
import type { TransformContext, TransformLike } from '../transform/transform.js'
import { cellOf } from './cell-of.js'
import { type Dataset, itemId } from './dataset.js'

/** How items are divided, and which pipelines feed the model. */
export interface DatasetsOptions {
  readonly splits?: Splits
  /** How many of the pipelines feed the model; the others make targets. Default: all but the last. */
  readonly nInp?: number
  /** False sets transforms up on the items of all parts. Default true: on those that train. */
  readonly trainSetup?: boolean
}

/**
 * Items seen through one pipeline per element of a sample, divided into a training part, a validation part and others
 * if there are any (fastai's `Datasets`). Pipelines are set up on the training items alone. `A` is what batches of
 * them hold, `Prediction` what the last pipeline reads predictions as.
 *
 * @example
 * const dsets = await datasets(files, [[openImage()], [parentLabel, new Categorize()]], { splits })
 * await dsets.train.sample(0) // [image, category]
 */
export class Datasets<
  Item = unknown,
  A extends readonly NdArray[] = readonly NdArray[],
  Prediction = unknown,
> {
  readonly train: Subset<Item>
  readonly valid: Subset<Item>
  /** Only the compiler reads this. */
  declare readonly types?: { readonly arrays: A; readonly prediction: Prediction }

  constructor(
    readonly items: readonly Item[],
    readonly pipelines: readonly Pipeline<Item>[],
    readonly splits: Splits,
    readonly nInp: number,
  ) {
    this.train = new Subset<Item>(this, splits[0], 0)
    this.valid = new Subset<Item>(this, splits[1], 1)
  }

  /** A part of the items by its number: 0 trains, 1 validates, and so do the others. */
  subset(i: number): Subset<Item> {
    const positions = this.splits[i]
    if (positions) return i === 0 ? this.train : i === 1 ? this.valid : new Subset<Item>(this, positions, 1)
    throw new EspalierError(
      'datasets/subset',
      `there is no part ${i}: the items have ${this.splits.length}`,
      {
        fix: 'part 0 trains, part 1 validates; a splitter may return more lists',
      },
    )
  }

  /** The positions of items that lie in more than one part (fastai's `overlapping_splits`): there should be none. */
  overlappingSplits(): number[] {
    return overlapOf(this.splits)
  }

  /** The elements of a sample with their pipelines undone, whole or until they can be shown. */
  decode(sample: readonly unknown[], options: DecodeOptions = {}): readonly unknown[] {
    const [only] = this.pipelines
    if (only && this.pipelines.length === 1 && sample.length > 1) {
      return [(only as Pipeline<Item>).decode(sample, options)]
    }
    return sample.map((element, i) => this.pipelines[i]?.decode(element, options) ?? element)
  }

  /** A sample made visible, a cell for each of its elements. */
  show(sample: readonly unknown[]): Card {
    const single = this.pipelines.length === 1 && sample.length > 1
    const pipelines = this.pipelines as readonly Pipeline[]
    return sample.map((element, i) => cellOf(single ? undefined : pipelines[i], element))
  }

  /** The same pipelines over other items, all of them in the validation part (for prediction). */
  over<Other = Item>(items: readonly Other[], pipelines = this.pipelines): Datasets<Other> {
    const all = items.map((_, i) => i)
    return new Datasets(items, pipelines as unknown as readonly Pipeline<Other>[], [[], all], this.nInp)
  }
}

/** One part of a {@link Datasets}. */
export class Subset<Item = unknown> implements Dataset {
  constructor(
    readonly datasets: Pick<Datasets<Item>, 'items' | 'pipelines'>,
    readonly positions: readonly number[],
    /** 0 as training items are transformed, 1 as the others are: where nobody says how else. */
    readonly split = 1,
    /** True keeps to `split` whatever a loader says. */
    readonly keepsSplit = false,
  ) {}

  /** The same items, transformed as those of a split are whatever a loader says (fastai's `set_split_idx`). */
  withSplit(split: number): Subset<Item> {
    return new Subset(this.datasets, this.positions, split, true)
  }

  get length(): number {
    return this.positions.length
  }

  /** None where the split of a loader is not the one that counts: `sample` knows which is. */
  get recipe(): Dataset['recipe'] {
    if (this.keepsSplit) return undefined
    const { pipelines } = this.datasets as unknown as Datasets<never>
    return { pipelines, item: (index: number) => this.item(index) }
  }

  item(index: number): Item {
    const position = this.positions[index]
    if (position === undefined) throw new RangeError(`no item ${index} among ${this.length}`)
    return this.datasets.items[position] as Item
  }

  id(index: number): string {
    return itemId(this.item(index), this.positions[index]!)
  }

  async sample(index: number, given?: TransformContext): Promise<readonly unknown[]> {
    const item = this.item(index)
    const { random = new Random(0, 'sample', 0, index), split = this.split } = given ?? {}
    const context = { random, split: this.keepsSplit ? this.split : split }
    const { pipelines } = this.datasets as unknown as Datasets<never>
    return gathered(
      await encodeEach(
        pipelines,
        pipelines.map(() => item),
        context,
      ),
    )
  }

  async *[Symbol.asyncIterator](): AsyncIterator<Item> {
    for (let i = 0; i < this.length; i++) yield this.item(i)
  }
}

/** Builds {@link Datasets} and sets its pipelines up, one after the other, each step on what those before it made. */
export async function datasets<
  Item,
  const T extends readonly (readonly TransformLike[] | Pipeline<Item>)[] = readonly (
    | readonly TransformLike[]
    | Pipeline<Item>
  )[],
>(
  items: readonly Item[],
  transforms: readonly [...T],
  options: DatasetsOptions = {},
): Promise<Datasets<Item, ArraysFrom<T>, ReadByLast<T>>> {
  checkOptions('datasets', options, ['splits', 'nInp', 'trainSetup'])
  const { nInp = Math.max(1, transforms.length - 1), trainSetup = true } = options
  const { splits = [items.map((_, i) => i), []] } = options
  const pipelines = transforms.map((t) => (t instanceof Pipeline ? t : new Pipeline<Item>(t)))
  const dsets = new Datasets<Item, ArraysFrom<T>, ReadByLast<T>>(items, pipelines, splits, nInp)
  for (const [i, pipeline] of pipelines.entries()) {
    try {
      const all = everyItem(items)
      await pipeline.setup(trainSetup ? dsets.train : all, [], all)
      await pipeline.check(dsets.valid)
    } catch (error) {
      if (error instanceof EspalierError) throw error
      throw new EspalierError(
        'datasets/setup',
        `setting up pipeline ${i} (${pipeline.name}): ${reasonOf(error)}`,
        {
          cause: error,
        },
      )
    }
    if (dsets.train.length > 0) await pipeline.observe(dsets.train.item(0))
  }
  return dsets
}

function everyItem<Item>(items: readonly Item[]): AsyncIterable<Item> {
  return {
    async *[Symbol.asyncIterator]() {
      yield* items
    },
  }
}

/**
 * Items seen through one pipeline (fastai's `TfmdLists`). A pipeline that returns a list makes samples of several
 * elements; say with `nInp` how many of them feed the model if it is not the first alone.
 *
 * @example
 * const lists = await tfmdLists(files, [makePair, eachElement(openImage())], { splits, nInp: 2 })
 */
export async function tfmdLists<Item, const T extends readonly TransformLike[] = readonly TransformLike[]>(
  items: readonly Item[],
  transforms: readonly [...T],
  options: DatasetsOptions = {},
): Promise<Datasets<Item, ArraysFrom<readonly [T]>, ReadByLast<readonly [T]>>> {
  const dsets = await datasets<Item, readonly [T]>(items, [transforms as unknown as T], options)
  return dsets
}
