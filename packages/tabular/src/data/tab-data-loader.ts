import {
  type Batch,
  DataLoader,
  type DataLoaderOptions,
  type Dataset,
  EspalierError,
  type NdArray,
} from '@espalier/data'
import { rowsFrom, TableDataset } from './table-dataset.js'

/** So many numbers are cut at once: in one go, places all over a table are read three times as fast as between steps. */
const atOnce = 2 ** 18

/**
 * Batches of a table (fastai's `TabDataLoader`): order, seeds and places in an epoch are those of every loader, but a
 * batch is cut out of the columns at once. Rows come without replacement, each once, unless an `order` says otherwise.
 */
export class TabDataLoader<A extends readonly NdArray[] = readonly NdArray[]> extends DataLoader<A> {
  /** The same loader with other options; over other data than a table, one that reads sample by sample. */
  override with(options: DataLoaderOptions, dataset: Dataset = this.dataset): DataLoader<A> {
    const all = { ...this.options, ...options }
    return dataset instanceof TableDataset
      ? new TabDataLoader<A>(dataset, all)
      : new DataLoader<A>(dataset, all)
  }

  override async *batches(epoch = 0, from = 0): AsyncGenerator<Batch<A>> {
    const { bs, dropLast, itemTfms, beforeBatch, nInp, split, seed } = this.options
    if (itemTfms.length > 0 || beforeBatch.length > 0) {
      yield* super.batches(epoch, from)
      return
    }
    const table = this.dataset as TableDataset
    const order = this.order(epoch)
    if (dropLast && from === 0 && order.length < bs && table.length > 0) {
      throw new EspalierError('loader/bs', `a batch of ${bs} cannot be filled from ${order.length} rows`, {
        fix: 'use a smaller bs or dropLast: false',
      })
    }
    const end = dropLast ? from + Math.floor((order.length - from) / bs) * bs : order.length
    const several = bs * Math.max(1, Math.floor(atOnce / (bs * table.width)))
    for (let start = from; start < end; start += several) {
      const rows = order.slice(start, Math.min(start + several, end))
      const cut = table.batch(rows)
      for (let at = 0; at < rows.length; at += bs) {
        const indices = rows.slice(at, at + bs)
        const arrays = cut.map((a) => rowsFrom(a, at, indices.length)) as unknown as A
        yield { arrays, nInp, indices, next: start + at + indices.length, place: { seed, epoch, split } }
      }
    }
  }
}
