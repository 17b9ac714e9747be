import {
  type Batch,
  DataLoader,
  type DataLoaderOptions,
  type Dataset,
  isNdArray,
  type NdArray,
  Random,
} from '@espalier/data'
import { byLength, sortedOrder } from './sorted-order.js'

/** Also how long the samples are. */
export interface SortedDLOptions extends DataLoaderOptions {
  /** A number for each sample, such as its tokens. Default: the length of its first element, found when it is needed. */
  readonly lens?: ArrayLike<number>
}

/**
 * Batches of samples of about one length (fastai's `SortedDL`), so that little is padded. Shuffled: the batch with the
 * longest sample first, see `semiSorted`; else all sorted, longest first.
 */
export class SortedDL<A extends readonly NdArray[] = readonly NdArray[]> extends DataLoader<A> {
  #lens: ArrayLike<number> | undefined

  constructor(dataset: Dataset, { lens, ...options }: SortedDLOptions = {}) {
    super(dataset, options)
    this.#lens = lens
  }

  override with(options: SortedDLOptions, dataset: Dataset = this.dataset): SortedDL<A> {
    const lens = dataset === this.dataset ? this.#lens : undefined
    return new SortedDL<A>(dataset, { ...this.options, ...(lens && { lens }), ...options })
  }

  override order(epoch: number): readonly number[] {
    const { shuffle, order, seed, bs } = this.options
    const lens = this.#lens
    if (!lens) return super.order(epoch)
    if (!shuffle) return byLength(lens)
    return (order ?? sortedOrder(lens, bs))(epoch, this.dataset.length, seed)
  }

  override async *batches(epoch = 0, from = 0): AsyncGenerator<Batch<A>> {
    this.#lens ??= await measured(this.dataset)
    yield* super.batches(epoch, from)
  }
}

/** How long the samples of a data set are; of one that cannot be read 0: loading it says why. */
export async function measured(dataset: Dataset): Promise<Int32Array> {
  const lens = new Int32Array(dataset.length)
  for (let i = 0; i < lens.length; i++) {
    const context = { split: 1, random: new Random(0, 'setup', i) }
    const [first] = await dataset.sample(i, context).catch(() => [])
    lens[i] = isNdArray(first) ? (first.shape[0] ?? 0) : 0
  }
  return lens
}
