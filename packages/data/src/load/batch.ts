import type { NdArray } from '../nd-array.js'

/** Where in a run a batch stands: all that its random draws depend on. */
export interface Place {
  readonly seed: number
  readonly epoch: number
  /** 0 while training, 1 while validating or predicting. */
  readonly split: number
}

/** Stacked samples: the first `nInp` arrays go into the model, the others into the loss. */
export interface Batch<A extends readonly NdArray[] = readonly NdArray[]> {
  readonly arrays: A
  readonly nInp: number
  /** The samples' positions in their data set. */
  readonly indices: readonly number[]
  /** The place in the order of the epoch after its last sample: where a run that goes on begins. */
  readonly next: number
  readonly place: Place
}
