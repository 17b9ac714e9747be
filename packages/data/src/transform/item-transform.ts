import type { Portable } from '../json.js'
import { byOrder, type TransformContext } from './transform.js'

/**
 * A step on a whole sample, element by element (fastai's item transforms). What is random is drawn once per
 * sample, so an image and its mask, or both images of a pair, are cropped alike. Two transforms of one name
 * replace each other: the last one given wins.
 */
export interface ItemTransform<Draw = unknown> extends Portable {
  readonly order?: number
  readonly splitIdx?: number
  draw?(sample: readonly unknown[], context: TransformContext): Draw | Promise<Draw>
  /** Returns an element it does not know unchanged. */
  encode(element: unknown, draw: Draw, context: TransformContext): unknown
}

/** Applies item transforms in order to every element of a sample. */
export async function applyItemTransforms(
  transforms: readonly ItemTransform[],
  sample: readonly unknown[],
  context: TransformContext,
): Promise<readonly unknown[]> {
  let elements = sample
  for (const t of transforms) {
    if (t.splitIdx !== undefined && t.splitIdx !== context.split) continue
    const draw = await t.draw?.(elements, context)
    elements = await Promise.all(elements.map((e) => t.encode(e, draw, context)))
  }
  return elements
}

/** Merges lists of transforms: a later one replaces an earlier one of the same name; sorted by order. */
export function mergeTransforms<T extends { readonly name: string; readonly order?: number }>(
  ...lists: readonly (readonly T[] | undefined)[]
): T[] {
  const byName = new Map<string, T>()
  for (const t of lists.flatMap((list) => list ?? [])) {
    byName.delete(t.name)
    byName.set(t.name, t)
  }
  return byOrder([...byName.values()])
}
