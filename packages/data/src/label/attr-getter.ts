import { readColumn } from './column.js'
import { isPathPart, type PathPart, pathPart } from './path-part.js'

/** An item that has an attribute; a path has its `name`, `stem`, `suffix` and `parent`. */
export type WithAttr<K extends string, V = unknown> =
  | { readonly [P in K]: V }
  | (K extends PathPart ? string : never)

/**
 * Reads an attribute of an item (fastai's `AttrGetter`); what a getter must return says what it must hold. `missing`
 * stands in where an item has none.
 *
 * @example
 * dataBlock({ blocks: [imageBlock(), categoryBlock()], getters: [attrGetter('file'), attrGetter('breed', 'mixed')] })
 */
export function attrGetter<V, const K extends string = string>(
  attr: K,
  missing?: V,
): (item: WithAttr<K, V>) => V {
  return (item) => {
    if (typeof item === 'string' && isPathPart(attr)) return pathPart(item, attr) as V
    const value = (item as Readonly<Record<string, unknown>> | null | undefined)?.[attr]
    if (value === undefined && missing !== undefined) return missing
    return readColumn('attrGetter', item, attr) as V
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
  const get = attrGetter<V, K>(attr)
  return (item) => labeller(get(item))
}
