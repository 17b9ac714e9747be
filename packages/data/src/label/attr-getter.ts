import { readColumn, type ValueIn } from './column.js'
import { isPathPart, type PathPart, pathPart } from './path-part.js'

/** An item that has an attribute; a path has its `name`, `stem`, `suffix` and `parent`. */
export type WithAttr<K extends string, V = unknown> =
  | { readonly [P in K]: V }
  | (K extends PathPart ? string : never)

/** Reads an attribute of any item that has it. */
export type AttrGetter<K extends string> = <Item extends WithAttr<K>>(
  item: Item,
) => Item extends string ? string : ValueIn<Item, K>

/** Reads an attribute that an item may be without. */
export type AttrGetterOr<K extends string, V> = <Item extends { readonly [P in K]?: unknown }>(
  item: Item,
) => Exclude<ValueIn<Required<Item>, K>, undefined> | V

/**
 * Reads an attribute of an item (fastai's `AttrGetter`); `missing` stands in where an item has none.
 *
 * @example
 * dataBlock({ blocks: [imageBlock(), categoryBlock()], getItems: rows, getters: [attrGetter('file'), attrGetter('breed', 'mixed')] })
 */
export function attrGetter<const K extends string>(attr: K): AttrGetter<K>
export function attrGetter<const K extends string, V>(attr: K, missing: V): AttrGetterOr<K, V>
export function attrGetter(attr: string, missing?: unknown): (item: unknown) => never {
  return (item) => {
    if (typeof item === 'string' && isPathPart(attr)) return pathPart(item, attr) as never
    const value = (item as Readonly<Record<string, unknown>> | null | undefined)?.[attr]
    if (value === undefined && missing !== undefined) return missing as never
    return readColumn('attrGetter', item, attr) as never
  }
}

/**
 * A labeller for an attribute of an item instead of the item (fastai's `using_attr`).
 *
 * @example
 * usingAttr(regexLabeller(/^(.+)_\d+\.jpg$/), 'name')('pets/beagle_12.jpg') // 'beagle'
 */
export function usingAttr<V, R, const K extends string>(
  labeller: (value: V) => R,
  attr: K,
): (item: WithAttr<K, V>) => R {
  const get = attrGetter(attr) as (item: WithAttr<K, V>) => unknown
  return (item) => labeller(get(item) as V)
}
