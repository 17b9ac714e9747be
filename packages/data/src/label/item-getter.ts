import { type RowWith, readColumn } from './column.js'

/**
 * Reads an element of an item by its place or key (fastai's `ItemGetter`); what a getter must return says what it must
 * hold.
 *
 * @example
 * dataBlock({ blocks: [imageBlock(), categoryBlock()], getters: [itemGetter(0), itemGetter(1)] })
 */
export function itemGetter<V, const I extends string | number = string | number>(
  i: I,
): (item: RowWith<I, V>) => V {
  return (item) => readColumn('itemGetter', item, i) as V
}
