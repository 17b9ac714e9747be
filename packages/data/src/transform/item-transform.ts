import { describe } from '../describe.js'
import { EspalierError } from '../errors.js'
import type { Portable } from '../json.js'
import { retainKind } from '../nd-array.js'
import { failedStep } from './failed-step.js'
import { byOrder, runsOn, type TransformContext } from './transform.js'

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
  /** The whole sample at once, in place of `encode`: what several elements decide together. */
  encodeSample?(
    sample: readonly unknown[],
    draw: Draw,
    context: TransformContext,
  ): readonly unknown[] | Promise<readonly unknown[]>
}

/** Applies item transforms in order to every element of a sample. */
export async function applyItemTransforms(
  transforms: readonly ItemTransform[],
  sample: readonly unknown[],
  context: TransformContext,
): Promise<readonly unknown[]> {
  let elements = sample
  for (const t of transforms) {
    if (!runsOn(t, context.split)) continue
    try {
      const draw = await t.draw?.(elements, context)
      elements = t.encodeSample
        ? checkSample(t.name, await t.encodeSample(elements, draw, context))
        : await Promise.all(elements.map(async (e) => retainKind(e, await t.encode(e, draw, context))))
    } catch (error) {
      throw failedStep(t.name, elements, error)
    }
  }
  return elements
}

function checkSample(name: string, sample: unknown): readonly unknown[] {
  if (Array.isArray(sample)) return sample
  throw new EspalierError('transform/sample', `${name} made ${describe(sample)} of a sample`, {
    fix: 'encodeSample must return the elements of the sample as a list',
  })
}

/**
 * An item transform that sees the whole sample as a list (fastai's `ItemTransform` on a tuple).
 *
 * @example
 * sampleTransform({ name: 'swap', encodeSample: ([a, b, ...rest], _, { random }) => random.uniform() < 0.5 ? [b, a, ...rest] : [a, b, ...rest] })
 */
export function sampleTransform<Draw = unknown>(
  t: Omit<ItemTransform<Draw>, 'encode'> & Required<Pick<ItemTransform<Draw>, 'encodeSample'>>,
): ItemTransform<Draw> {
  return { ...t, encode: (element) => element }
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
