import { type ColumnGetter, readColumn } from './column.js'

/**
 * Reads an element of an item by its place or key (fastai's `ItemGetter`).
 *
 * @example
 * dataBlock({ blocks: [imageBlock(), categoryBlock()], getItems: rows, getters: [itemGetter(0), itemGetter(1)] })
 */
export function itemGetter<const I extends string | number>(i: I): ColumnGetter<I> {
  return (item: unknown) => readColumn('itemGetter', item, i) as never
}
