import type { Portable } from '../json.js'
import type { Place } from '../load/batch.js'
import { type NdArray, retainKind } from '../nd-array.js'
import { byOrder, runsOn } from './transform.js'

/**
 * A step on a whole batch. Loaders only order and carry it: learners run its tensor form inside the training
 * step. `host` and `decodeHost` do the same on typed arrays, for showing a batch.
 */
export interface BatchTransform extends Portable {
  readonly order?: number
  readonly splitIdx?: number
  /** What `host` and `decodeHost` need first: an engine. */
  prepare?(): Promise<unknown>
  host(arrays: readonly NdArray[], indices: readonly number[], place: Place): readonly NdArray[]
  decodeHost?(arrays: readonly NdArray[]): readonly NdArray[]
}

/** A batch as the model is given it, on typed arrays; the arrays keep their kinds. */
export function applyOnHost(
  transforms: readonly BatchTransform[],
  arrays: readonly NdArray[],
  indices: readonly number[],
  place: Place,
): readonly NdArray[] {
  return onHost(transforms, place.split).reduce(
    (before, t) => kept(before, t.host(before, indices, place)),
    arrays,
  )
}

/** What {@link applyOnHost} made, undone as far as it can be. */
export function undoOnHost(
  transforms: readonly BatchTransform[],
  arrays: readonly NdArray[],
  split: number,
): readonly NdArray[] {
  return onHost(transforms, split).reduceRight(
    (before, t) => (t.decodeHost ? kept(before, t.decodeHost(before)) : before),
    arrays,
  )
}

function onHost(transforms: readonly BatchTransform[], split: number): BatchTransform[] {
  return byOrder(transforms).filter((t) => runsOn(t, split))
}

function kept(before: readonly NdArray[], after: readonly NdArray[]): readonly NdArray[] {
  return after.map((array, i) => retainKind(before[i], array))
}
