import { EspalierError, reasonOf } from '../errors.js'
import type { Splits } from '../split/splitter.js'
import { Pipeline } from '../transform/pipeline.js'
import type { TransformContext, TransformLike } from '../transform/transform.js'
import { type Dataset, itemId } from './dataset.js'

/** How items are divided, and which pipelines feed the model. */
export interface DatasetsOptions {
  readonly splits?: Splits
  /** How many of the pipelines feed the model; the others make targets. Default: all but the last. */
  readonly nInp?: number
}

/**
 * Items seen through one pipeline per element of a sample, divided into a training and a validation part
 * (fastai's `Datasets`). Pipelines are set up on the training items alone.
 *
 * @example
 * const dsets = await datasets(files, [[openImage()], [parentLabel, categorize()]], { splits })
 * await dsets.train.sample(0, context) // [image, category]
 */
export class Datasets<Item = unknown> {
  readonly train: Subset<Item>
  readonly valid: Subset<Item>

  constructor(
    readonly items: readonly Item[],
    readonly pipelines: readonly Pipeline<Item>[],
    readonly splits: Splits,
    readonly nInp: number,
  ) {
    this.train = new Subset(this, splits[0])
    this.valid = new Subset(this, splits[1])
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
    readonly datasets: Datasets<Item>,
    readonly positions: readonly number[],
  ) {}

  get length(): number {
    return this.positions.length
  }

  item(index: number): Item {
    const position = this.positions[index]
    if (position === undefined) throw new RangeError(`no item ${index} among ${this.length}`)
    return this.datasets.items[position] as Item
  }

  id(index: number): string {
    return itemId(this.item(index), this.positions[index]!)
  }

  async sample(index: number, context: TransformContext): Promise<readonly unknown[]> {
    const item = this.item(index)
    const elements: unknown[] = []
    // One after the other: they share the draws of the sample, whose order must not depend on who is faster.
    for (const pipeline of this.datasets.pipelines) elements.push(await pipeline.encode(item, context))
    return elements.length === 1 && Array.isArray(elements[0]) ? elements[0] : elements
  }

  async *[Symbol.asyncIterator](): AsyncIterator<Item> {
    for (let i = 0; i < this.length; i++) yield this.item(i)
  }
}

/** Builds {@link Datasets} and sets its pipelines up. */
export async function datasets<Item>(
  items: readonly Item[],
  transforms: readonly (readonly TransformLike[] | Pipeline<Item>)[],
  { splits = [items.map((_, i) => i), []], nInp = Math.max(1, transforms.length - 1) }: DatasetsOptions = {},
): Promise<Datasets<Item>> {
  const pipelines = transforms.map((t) => (t instanceof Pipeline ? t : new Pipeline<Item>(t)))
  const dsets = new Datasets(items, pipelines, splits, nInp)
  for (const [i, pipeline] of pipelines.entries()) {
    try {
      await pipeline.setup(dsets.train)
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
  }
  return dsets
}

/**
 * Items seen through one pipeline (fastai's `TfmdLists`). A pipeline that returns a list makes samples of several
 * elements; say with `nInp` how many of them feed the model if it is not the first alone.
 */
export async function tfmdLists<Item>(
  items: readonly Item[],
  transforms: readonly TransformLike[],
  options: DatasetsOptions = {},
): Promise<Datasets<Item>> {
  return datasets(items, [transforms], options)
}
