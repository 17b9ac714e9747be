import { checkTransforms } from '../check-spec.js'
import type { Dataset } from '../datasets/dataset.js'
import { describe, describeNumber } from '../describe.js'
import { EspalierError, listed, reasonOf } from '../errors.js'
import type { NdArray } from '../nd-array.js'
import { Random } from '../random/random.js'
import type { BatchTransform } from '../transform/batch-transform.js'
import { applyItemTransforms, type ItemTransform } from '../transform/item-transform.js'
import type { Batch } from './batch.js'
import { collate } from './collate.js'
import { SkipItem } from './skip-item.js'

/** Size, order and transforms of batches. */
export interface DataLoaderOptions {
  /** Batch size. Default 64. */
  readonly bs?: number
  readonly shuffle?: boolean
  /** Leaves out a last batch of fewer than `bs` samples. Default: as `shuffle`. */
  readonly dropLast?: boolean
  readonly itemTfms?: readonly ItemTransform[]
  readonly batchTfms?: readonly BatchTransform[]
  readonly nInp?: number
  /** 0 for training, 1 for validation: what transforms see as their split. */
  readonly split?: number
  readonly seed?: number
  /** How many batches are read ahead of the one being used. Default 2. */
  readonly prefetch?: number
}

/** A sample that could not be read: left out, and reported. */
export interface Skipped {
  readonly index: number
  readonly id: string
  readonly reason: string
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
  readonly options: Required<DataLoaderOptions>
  readonly skipped = new Map<number, Skipped>()

  constructor(
    readonly dataset: Dataset,
    options: DataLoaderOptions = {},
  ) {
    const { bs = 64, shuffle = false, dropLast = shuffle, itemTfms = [], batchTfms = [] } = options
    const { nInp = 1, split = shuffle ? 0 : 1, seed = 42, prefetch = 2 } = options
    checkDataset(dataset)
    checkTransforms('itemTfms', itemTfms)
    checkTransforms('batchTfms', batchTfms)
    checkCount('bs', 'the batch size', bs, 1)
    checkCount('prefetch', 'prefetch', prefetch, 0)
    this.options = { bs, shuffle, dropLast, itemTfms, batchTfms, nInp, split, seed, prefetch }
  }

  /** Batches per epoch, as far as is known: samples found unreadable no longer count. */
  get length(): number {
    const { bs, dropLast } = this.options
    const n = this.dataset.length - this.skipped.size
    return dropLast ? Math.floor(n / bs) : Math.ceil(n / bs)
  }

  /** The same loader with other options, or over another data set. */
  with(options: DataLoaderOptions, dataset: Dataset = this.dataset): DataLoader<A> {
    return new DataLoader<A>(dataset, { ...this.options, ...options })
  }

  /** The positions of the samples in the order of an epoch. */
  order(epoch: number): readonly number[] {
    const { shuffle, seed } = this.options
    const n = this.dataset.length
    return shuffle ? new Random(seed, 'order', epoch).permutation(n) : Array.from({ length: n }, (_, i) => i)
  }

  /** The batches of an epoch; `from` is the place in its order where to begin, as a batch's `next` gives it. */
  async *batches(epoch = 0, from = 0): AsyncGenerator<Batch<A>> {
    const { bs, dropLast, prefetch } = this.options
    const order = this.order(epoch)
    const ahead: { readonly after: number; readonly loading: Promise<Loaded> }[] = []
    let next = from
    let given = 0
    let samples: { readonly index: number; readonly elements: readonly unknown[] }[] = []
    for (;;) {
      while (samples.length + ahead.length < (prefetch + 1) * bs && next < order.length) {
        const index = order[next++]!
        if (!this.skipped.has(index)) ahead.push({ after: next, loading: this.#load(index, epoch) })
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

  async #load(index: number, epoch: number): Promise<Loaded> {
    const { split, seed, itemTfms } = this.options
    try {
      const context = { split, random: new Random(seed, 'sample', epoch, index) }
      const sample = await this.dataset.sample(index, context)
      return { index, elements: await applyItemTransforms(itemTfms, sample, context) }
    } catch (failure) {
      return { index, failure }
    }
  }

  #collate(
    samples: readonly { readonly index: number; readonly elements: readonly unknown[] }[],
    epoch: number,
    next: number,
  ): Batch<A> {
    const { nInp, split, seed } = this.options
    const indices = samples.map((s) => s.index)
    const arrays = collate(
      samples.map((s) => s.elements),
      indices.map((i) => this.dataset.id(i)),
    )
    return { arrays: arrays as unknown as A, nInp, indices, next, place: { seed, epoch, split } }
  }

  #skip(index: number, failure: unknown): void {
    const id = this.dataset.id(index)
    if (!(failure instanceof SkipItem)) {
      if (failure instanceof EspalierError && failure.message.includes(id)) throw failure
      throw new EspalierError('loader/sample', `loading ${id}: ${reasonOf(failure)}`, { cause: failure })
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
