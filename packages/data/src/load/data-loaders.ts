import type { Card, Cell, Target } from '../blocks/block.js'
import type { Datasets } from '../datasets/datasets.js'
import { describe } from '../describe.js'
import { EspalierError } from '../errors.js'
import { type NdArray, row } from '../nd-array.js'
import type { Pipeline } from '../transform/pipeline.js'
import { byOrder, type Transform } from '../transform/transform.js'
import type { Batch } from './batch.js'
import type { DataLoader, DataLoaderOptions } from './data-loader.js'

/** What the two loaders share: data sets, target, and how samples are drawn. */
export interface DataLoadersOptions<Prediction, Shown> {
  readonly datasets: Datasets<never>
  readonly target?: Target<Prediction> | undefined
  readonly render?: ((cards: Promise<readonly Card[]>) => Shown) | undefined
}

/**
 * A training and a validation loader over one data set (fastai's `DataLoaders`). `A` is what a batch holds,
 * `Prediction` what `predict` will return, `Shown` what `showBatch` draws.
 */
export class DataLoaders<
  A extends readonly NdArray[] = readonly NdArray[],
  Prediction = unknown,
  Shown = readonly Card[],
> {
  constructor(
    readonly train: DataLoader<A>,
    readonly valid: DataLoader<A>,
    readonly options: DataLoadersOptions<Prediction, Shown>,
  ) {}

  get datasets(): Datasets<never> {
    return this.options.datasets
  }

  get target(): Target<Prediction> | undefined {
    return this.options.target
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

  /** The same loaders with other options, such as more transforms. */
  with(options: DataLoaderOptions): DataLoaders<A, Prediction, Shown> {
    return new DataLoaders(this.train.with(options), this.valid.with(options), this.options)
  }

  /** The first batch an epoch would give. */
  async oneBatch({ valid = false, epoch = 0 } = {}): Promise<Batch<A>> {
    for await (const batch of (valid ? this.valid : this.train).batches(epoch)) return batch
    throw new EspalierError('loaders/empty', `the ${valid ? 'validation' : 'training'} loader has no batch`, {
      fix: 'it has no items: a model that was loaded brings none, and noSplitter() holds out none',
    })
  }

  /** A loader over new items, in order, prepared as the validation items are. */
  testDl(items: readonly unknown[], { withLabels = false, bs = this.valid.options.bs } = {}): DataLoader<A> {
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
    const over = this.datasets.over(items, withLabels ? pipelines : pipelines.slice(0, nInp))
    return this.valid.with({ bs, shuffle: false, dropLast: false }, over.valid)
  }

  /** Draws a few samples as the model gets them, transforms undone as far as they can be. */
  showBatch({ maxN = 9, valid = false, epoch = 0 } = {}): Shown {
    const { render } = this.options
    if (!render)
      throw new EspalierError('loaders/show', 'the first block of these data loaders cannot be drawn', {
        fix: 'draw what imageBlock() makes, or give your block a render',
      })
    const cards = this.oneBatch({ valid, epoch }).then(async (batch) => {
      for (const t of this.train.options.batchTfms) await t.prepare?.()
      return this.cards(batch, maxN)
    })
    return render(cards)
  }

  /** The first samples of a batch, made visible. */
  cards({ arrays, indices, place }: Batch, maxN = 9): readonly Card[] {
    const transforms = byOrder(this.train.options.batchTfms).filter(
      (t) => t.splitIdx === undefined || t.splitIdx === place.split,
    )
    const seen = transforms.reduce((a, t) => t.host(a, indices, place), arrays as readonly NdArray[])
    const undone = transforms.reduceRight((a, t) => t.decodeHost?.(a) ?? a, seen)
    return indices
      .slice(0, maxN)
      .map((_, i) => undone.map((array, position) => this.#show(row(array, i), position)))
  }

  #show(element: NdArray, position: number): Cell {
    const shower = this.datasets.pipelines[position]?.transforms.findLast(isShower)
    if (shower) return shower.show(element)
    if (element.kind === 'image') return { pixels: element as NdArray<'uint8'> }
    return { text: [...element.data].slice(0, 8).join(', ') }
  }
}

interface Shower {
  show(element: NdArray): Cell
}

function isShower(t: Transform): t is Transform & Shower {
  return 'show' in t && typeof t.show === 'function'
}

/** The target description among the transforms of a pipeline, if one of them is one. */
export function targetOf(pipeline: Pipeline<never> | undefined): Target | undefined {
  return pipeline?.transforms.findLast((t) => 'read' in t && 'c' in t) as Target | undefined
}
