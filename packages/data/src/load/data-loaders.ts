import type { Card, Target } from '../blocks/block.js'
import { CardTable } from '../blocks/card-table.js'
import { checkOptions } from '../check-options.js'
import type { Dataset } from '../datasets/dataset.js'
import { Datasets } from '../datasets/datasets.js'
import { describe, describeNumber } from '../describe.js'
import { EspalierError } from '../errors.js'
import { type NdArray, row } from '../nd-array.js'
import { applyOnHost, type BatchTransform, undoOnHost } from '../transform/batch-transform.js'
import type { BeforeBatch } from '../transform/before-batch.js'
import { type ItemTransform, mergeTransforms } from '../transform/item-transform.js'
import type { Pipeline } from '../transform/pipeline.js'
import type { Batch } from './batch.js'
import type { DataLoader, DataLoaderOptions } from './data-loader.js'
import { type FromDsetsOptions, loadersFrom, targetOf } from './loaders-from.js'

/** What the loaders share: data sets, target, and how samples are drawn. */
export interface DataLoadersOptions<Prediction, Shown> {
  readonly datasets: Datasets<never>
  readonly target?: Target<Prediction> | undefined
  /** Draws samples. Default: a {@link CardTable}. */
  readonly render?: ((cards: Promise<readonly Card[]>) => Shown) | undefined
  /** Loaders of further parts. */
  readonly more?: readonly DataLoader[] | undefined
  /** What the elements of a sample are called in a table. */
  readonly names?: readonly string[] | undefined
}

/** What `addTfms` adds at each event. */
export interface StepsAt {
  afterItem: ItemTransform
  beforeBatch: BeforeBatch
  afterBatch: BatchTransform
}

/** How new items are prepared. */
export interface TestDlOptions {
  /** Also the targets, which the items must have then. Default false. */
  readonly withLabels?: boolean
  /**
   * How many steps at the beginning of each pipeline the items have behind them, such as the function that picks a path
   * from a row. Default: items enter at the first step that was given something of their kind.
   */
  readonly rmTypeTfms?: number | readonly number[]
  readonly bs?: number
}

/**
 * A training and a validation loader over one data set, and others if there are any (fastai's `DataLoaders`). `A` is
 * what a batch holds, `Prediction` what `predict` will return, `Shown` what `showBatch` draws.
 */
export class DataLoaders<
  A extends readonly NdArray[] = readonly NdArray[],
  Prediction = unknown,
  Shown = CardTable,
> {
  constructor(
    readonly train: DataLoader<A>,
    readonly valid: DataLoader<A>,
    readonly options: DataLoadersOptions<Prediction, Shown>,
  ) {}

  /**
   * Loaders over data sets: the parts of one, or several of your own, the first of which trains (fastai's
   * `from_dsets`).
   *
   * @example
   * const dsets = await datasets(files, [[openImage()], [parentLabel, new Categorize()]], { splits })
   * const dls = DataLoaders.fromDsets(dsets, { bs: 32, itemTfms: [resize(128), toTensor()], batchTfms: [intToFloat()] })
   */
  static fromDsets<
    Item,
    A extends readonly NdArray[] = readonly NdArray[],
    Prediction = unknown,
    Shown = CardTable,
  >(
    dsets: Datasets<Item, A, Prediction> | readonly Dataset[],
    options: FromDsetsOptions<Item, Prediction, Shown> = {},
  ): DataLoaders<A, Prediction, Shown> {
    const { datasets, loaders } = loadersFrom<Item>(dsets, options)
    const [train, valid, ...more] = loaders as readonly DataLoader<A>[]
    const pipelines = datasets.pipelines as unknown as readonly Pipeline<never>[]
    const target = options.target ?? (targetOf(pipelines.at(-1)) as Target<Prediction> | undefined)
    const { render, names } = options
    return new DataLoaders<A, Prediction, Shown>(train!, valid!, {
      datasets: datasets as unknown as Datasets<never>,
      target,
      render,
      more,
      names,
    })
  }

  /** All loaders: training, validation, and those of further parts. */
  get loaders(): readonly DataLoader<A>[] {
    return [this.train, this.valid, ...((this.options.more ?? []) as readonly DataLoader<A>[])]
  }

  /** A loader by its number: 0 trains, 1 validates. */
  loader(i: number): DataLoader<A> {
    const found = this.loaders[i]
    if (found) return found
    throw new EspalierError(
      'loaders/index',
      `there is no loader ${describeNumber(i)}: there are ${this.loaders.length}`,
      {
        fix: 'loader 0 trains, loader 1 validates',
      },
    )
  }

  get datasets(): Datasets<never> {
    return this.options.datasets
  }

  get target(): Target<Prediction> | undefined {
    return this.options.target
  }

  /** How many items train. */
  get n(): number {
    return this.train.n
  }

  /** The classes of the target, in the order of the model's outputs. */
  get vocab(): readonly string[] {
    const vocab = this.target?.vocab
    if (!vocab)
      throw new EspalierError(
        'loaders/vocab',
        'these data loaders have no vocabulary: their target is no category',
        { fix: 'make the last block a categoryBlock()' },
      )
    return vocab
  }

  /** How many outputs a model for this target needs (fastai's `get_c`). */
  get c(): number {
    if (!this.target) {
      throw new EspalierError('loaders/c', 'the number of outputs cannot be told from these data loaders', {
        fix: 'pass nOut to the learner',
      })
    }
    return this.target.c
  }

  /** The same loaders with other options, such as more transforms (fastai's `new`). */
  with(options: DataLoaderOptions): DataLoaders<A, Prediction, Shown> {
    return this.#of(this.loaders.map((dl) => dl.with(options)))
  }

  /** The same loaders without items: they still know how to prepare new ones (fastai's `new_empty`). */
  newEmpty(): DataLoaders<A, Prediction, Shown> {
    const { pipelines, splits, nInp } = this.datasets
    const none = splits.map(() => []) as unknown as typeof splits
    const datasets = new Datasets<never>([], pipelines, none, nInp)
    const loaders = this.loaders.map((dl, i) => dl.with({}, i === 0 ? datasets.train : datasets.valid))
    return this.#of(loaders, datasets)
  }

  /**
   * Adds transforms to some of the loaders, to all unless they are named; one of a name that is there already takes its
   * place (fastai's `add_tfms`).
   *
   * @example
   * dls.addTfms([normalize()], 'afterBatch')
   */
  addTfms<E extends keyof StepsAt>(
    tfms: readonly StepsAt[E][],
    event: E,
    loaders: readonly number[] = this.loaders.map((_, i) => i),
  ): DataLoaders<A, Prediction, Shown> {
    for (const i of loaders) this.loader(i)
    const option = ({ afterItem: 'itemTfms', beforeBatch: 'beforeBatch', afterBatch: 'batchTfms' } as const)[
      event
    ]
    if (!option) {
      throw new EspalierError('loaders/event', `transforms cannot be added at ${describe(event)}`, {
        fix: "say 'afterItem', 'beforeBatch' or 'afterBatch'",
      })
    }
    return this.#of(
      this.loaders.map((dl, i) =>
        loaders.includes(i)
          ? dl.with({
              [option]: mergeTransforms<StepsAt[E]>(dl.options[option] as readonly StepsAt[E][], tfms),
            })
          : dl,
      ),
    )
  }

  /** The first batch an epoch would give. */
  async oneBatch({ valid = false, epoch = 0 } = {}): Promise<Batch<A>> {
    for await (const batch of (valid ? this.valid : this.train).batches(epoch)) return batch
    throw new EspalierError('loaders/empty', `the ${valid ? 'validation' : 'training'} loader has no batch`, {
      fix: 'it has no items: a model that was loaded brings none, and noSplitter() holds out none',
    })
  }

  /** A loader over new items, in order, prepared as the validation items are (fastai's `test_dl`). */
  testDl(items: readonly unknown[], options: TestDlOptions = {}): DataLoader<A> {
    checkOptions('testDl', options, ['withLabels', 'rmTypeTfms', 'bs'])
    const { withLabels = false, rmTypeTfms, bs = this.valid.options.bs } = options
    if (!Array.isArray(items)) {
      throw new EspalierError(
        'loaders/items',
        `the items to predict must be a list, got ${describe(items)}`,
        {
          fix: 'put a single one in a list: [item]',
        },
      )
    }
    const { pipelines, nInp } = this.datasets
    const used = withLabels ? pipelines : pipelines.slice(0, nInp)
    const rest = used.map((pipeline, i) => {
      const given = typeof rmTypeTfms === 'number' ? rmTypeTfms : rmTypeTfms?.[i]
      const n = given ?? (items.length > 0 ? pipeline.entryOf(items[0]) : 0)
      return n === 0 ? pipeline : (pipeline.from(n) as Pipeline<never>)
    })
    return this.valid.with({ bs, shuffle: false, dropLast: false }, this.datasets.over(items, rest).valid)
  }

  /** Draws a few samples as the model gets them, transforms undone as far as they can be. */
  showBatch(
    options: { readonly maxN?: number; readonly valid?: boolean; readonly epoch?: number } = {},
  ): Shown {
    checkOptions('showBatch', options, ['maxN', 'valid', 'epoch'])
    const { maxN = 9, valid = false, epoch = 0 } = options
    const { render, names } = this.options
    const cards = this.oneBatch({ valid, epoch }).then(async (batch) => {
      for (const t of this.#batchTfms(batch)) await t.prepare?.()
      return this.cards(batch, maxN)
    })
    return render ? render(cards) : (new CardTable(cards, names) as Shown)
  }

  /** The first samples of a batch, made visible. */
  cards(batch: Batch, maxN = 9): readonly Card[] {
    const { arrays, indices, place } = batch
    const transforms = this.#batchTfms(batch)
    const seen = applyOnHost(transforms, arrays, indices, place)
    const undone = undoOnHost(transforms, seen, place.split)
    return indices.slice(0, maxN).map((_, i) => this.datasets.show(undone.map((array) => row(array, i))))
  }

  #batchTfms({ place }: Batch): readonly BatchTransform[] {
    return (place.split === 0 ? this.train : this.valid).options.batchTfms
  }

  #of(
    [train, valid, ...more]: readonly DataLoader<A>[],
    datasets = this.datasets,
  ): DataLoaders<A, Prediction, Shown> {
    return new DataLoaders(train!, valid!, { ...this.options, datasets, more })
  }
}
