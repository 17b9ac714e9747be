import { checkOptions } from '../check-options.js'
import { checkTransforms } from '../check-spec.js'
import type { Dataset } from '../datasets/dataset.js'
import { describe, describeNumber } from '../describe.js'
import { EspalierError, listed, reasonOf } from '../errors.js'
import type { NdArray } from '../nd-array.js'
import { Random } from '../random/random.js'
import type { BatchTransform } from '../transform/batch-transform.js'
import { applyBeforeBatch, type BeforeBatch } from '../transform/before-batch.js'
import type { ItemTransform } from '../transform/item-transform.js'
import type { Batch } from './batch.js'
import { collate } from './collate.js'
import { checkOrder, type EpochOrder, inTurn, shuffled } from './order.js'
import { SampleMaker } from './sample-maker.js'
import { SkipItem } from './skip-item.js'

/** Size, order and transforms of batches. */
export interface DataLoaderOptions {
  /** Batch size. Default 64. */
  readonly bs?: number
  readonly shuffle?: boolean
  /** Which samples an epoch has where it is shuffled, such as {@link weightedDl} draws. Default: all in random order. */
  readonly order?: EpochOrder
  /** Leaves out a last batch of fewer than `bs` samples. Default: as `shuffle`. */
  readonly dropLast?: boolean
  readonly itemTfms?: readonly ItemTransform[]
  /** Steps on the samples of a batch before they are stacked. */
  readonly beforeBatch?: readonly BeforeBatch[]
  readonly batchTfms?: readonly BatchTransform[]
  readonly nInp?: number
  /** 0 for training, 1 for validation: what transforms see as their split. */
  readonly split?: number
  readonly seed?: number
  /** How many batches are read ahead of the one being used. Default 2. */
  readonly prefetch?: number
  /**
   * How many threads run the transforms that can be made again in another thread (see {@link movable}); all others run
   * on this one. What is loaded does not depend on it. Default: as many as help, where there is work for them; 0: none.
   */
  readonly workers?: number | undefined
}

/** A sample that could not be read: left out, and reported. */
export interface Skipped {
  readonly index: number
  readonly id: string
  readonly reason: string
}

const optionNames: Readonly<Record<keyof DataLoaderOptions, true>> = {
  ...{ bs: true, shuffle: true, order: true, dropLast: true },
  ...{ itemTfms: true, beforeBatch: true, batchTfms: true, nInp: true },
  ...{ split: true, seed: true, prefetch: true, workers: true },
}

type Loaded =
  | { readonly index: number; readonly elements: readonly unknown[] }
  | { readonly index: number; readonly failure: unknown }

/**
 * Batches of a data set, read ahead while the model works (fastai's `DataLoader`). The order and every random
 * draw depend on seed, epoch and position alone. Samples that throw {@link SkipItem} are left out and listed in
 * `skipped`; any other failure ends the loop with the sample's name.
 */
export class DataLoader<A extends readonly NdArray[] = readonly NdArray[]> {
  readonly options: Required<Omit<DataLoaderOptions, 'order'>> & Pick<DataLoaderOptions, 'order'>
  readonly skipped = new Map<number, Skipped>()
  /** How many samples the first epoch draws of those that were readable when it was counted. */
  #drawn: { readonly skipped: number; readonly n: number } | undefined

  constructor(
    readonly dataset: Dataset,
    options: DataLoaderOptions = {},
  ) {
    checkDataset(dataset)
    checkOptions('DataLoader', options, Object.keys(optionNames))
    const { bs = 64, shuffle = false, dropLast = shuffle, itemTfms = [], batchTfms = [] } = options
    const {
      nInp = 1,
      split = shuffle ? 0 : 1,
      seed = 42,
      prefetch = 2,
      beforeBatch = [],
      order,
      workers,
    } = options
    checkTransforms('itemTfms', itemTfms)
    checkTransforms('beforeBatch', beforeBatch)
    checkTransforms('batchTfms', batchTfms)
    checkCount('bs', 'the batch size', bs, 1)
    checkCount('prefetch', 'prefetch', prefetch, 0)
    new Random(seed, 'order') // Says what is wrong with a seed.
    if (workers !== undefined) checkCount('workers', 'the number of workers', workers, 0)
    const steps = { itemTfms, beforeBatch, batchTfms }
    const reading = { prefetch, workers }
    this.options = { bs, shuffle, dropLast, ...steps, nInp, split, seed, ...reading, ...(order && { order }) }
  }

  /** How many samples the data set has. */
  get n(): number {
    return this.dataset.length
  }

  /** Batches per epoch, as far as is known: samples found unreadable no longer count. */
  get length(): number {
    const { bs, dropLast } = this.options
    const n = this.options.order ? this.#countDrawn() : this.dataset.length - this.skipped.size
    return dropLast ? Math.floor(n / bs) : Math.ceil(n / bs)
  }

  /** The same loader with other options, or over another data set. */
  with(options: DataLoaderOptions, dataset: Dataset = this.dataset): DataLoader<A> {
    return new DataLoader<A>(dataset, { ...this.options, ...options })
  }

  /** The positions of the samples in the order of an epoch. */
  order(epoch: number): readonly number[] {
    const { shuffle, order = shuffled, seed } = this.options
    const n = this.dataset.length
    const positions = (shuffle ? order : inTurn)(epoch, n, seed)
    checkOrder(positions, n)
    return positions
  }

  #countDrawn(): number {
    if (this.#drawn?.skipped !== this.skipped.size) {
      const n = this.order(0).filter((i) => !this.skipped.has(i)).length
      this.#drawn = { skipped: this.skipped.size, n }
    }
    return this.#drawn!.n
  }

  /** The batches of an epoch; `from` is the place in its order where to begin, as a batch's `next` gives it. */
  async *batches(epoch = 0, from = 0): AsyncGenerator<Batch<A>> {
    const { bs, dropLast, prefetch, itemTfms, split, seed, workers } = this.options
    const order = this.order(epoch)
    const about = { itemTfms, split, seed, epoch, workers, samples: order.length - from }
    using maker = new SampleMaker(this.dataset, about)
    const ahead: { readonly after: number; readonly loading: Promise<Loaded> }[] = []
    let next = from
    let given = 0
    let samples: { readonly index: number; readonly elements: readonly unknown[] }[] = []
    for (;;) {
      while (samples.length + ahead.length < (prefetch + 1) * bs && next < order.length) {
        const index = order[next++]!
        if (!this.skipped.has(index)) ahead.push({ after: next, loading: load(maker, index) })
      }
      const first = ahead.shift()
      if (!first) break
      const loaded = await first.loading
      if ('failure' in loaded) this.#skip(loaded.index, loaded.failure)
      else if (samples.push(loaded) === bs) {
        given++
        yield this.#collate(samples, epoch, first.after)
        samples = []
      }
    }
    if (samples.length > 0 && !dropLast) yield this.#collate(samples, epoch, next)
    else if (given === 0 && from === 0 && this.dataset.length > 0) throw this.#noBatch(samples.length)
  }

  #collate(
    samples: readonly { readonly index: number; readonly elements: readonly unknown[] }[],
    epoch: number,
    next: number,
  ): Batch<A> {
    const { nInp, split, seed } = this.options
    const indices = samples.map((s) => s.index)
    const elements = samples.map((s) => s.elements)
    const arrays = collate(
      applyBeforeBatch(this.options.beforeBatch, elements, split),
      indices.map((i) => this.dataset.id(i)),
    )
    return { arrays: arrays as unknown as A, nInp, indices, next, place: { seed, epoch, split } }
  }

  #skip(index: number, failure: unknown): void {
    const id = this.dataset.id(index)
    if (!(failure instanceof SkipItem)) {
      const ofStep = failure instanceof EspalierError && failure.code === 'transform/failed'
      if (failure instanceof EspalierError && !ofStep && failure.message.includes(id)) throw failure
      throw new EspalierError('loader/sample', `loading ${id}: ${reasonOf(failure)}`, {
        cause: ofStep ? failure.cause : failure,
      })
    }
    this.skipped.set(index, { index, id, reason: failure.message })
  }

  #noBatch(readable: number): EspalierError {
    const reasons = [...this.skipped.values()].map((s) => `${s.id}: ${s.reason}`)
    if (readable > 0) {
      return new EspalierError(
        'loader/bs',
        `a batch of ${this.options.bs} cannot be filled from ${readable} items${reasons.length ? `; left out: ${listed(reasons, 3)}` : ''}`,
        { fix: 'use a smaller bs or dropLast: false' },
      )
    }
    return new EspalierError(
      'loader/empty',
      `none of the ${reasons.length} items could be read: ${listed(reasons, 3)}`,
      { fix: 'check the paths, and that the files are what they should be' },
    )
  }
}

async function load(maker: SampleMaker, index: number): Promise<Loaded> {
  try {
    return { index, elements: await maker.make(index) }
  } catch (failure) {
    return { index, failure }
  }
}

function checkDataset(dataset: unknown): void {
  const { length, sample, id } = (dataset ?? {}) as Partial<Record<keyof Dataset, unknown>>
  if (typeof length === 'number' && typeof sample === 'function' && typeof id === 'function') return
  throw new EspalierError('loader/dataset', `a data loader needs a data set, got ${describe(dataset)}`, {
    fix: 'make one of items: (await datasets(items, [[…]])).train, or use dataBlock',
  })
}

function checkCount(option: string, what: string, value: unknown, least: number): void {
  if (Number.isInteger(value) && Number(value) >= least) return
  throw new EspalierError(
    `loader/${option}`,
    `${what} must be a whole number ≥ ${least}, got ${describeNumber(value)}`,
    { fix: `say ${option}: ${least === 1 ? 16 : 2}` },
  )
}
