import type { Portable } from '../json.js'
import type { Place } from '../load/batch.js'
import type { NdArray } from '../nd-array.js'

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
