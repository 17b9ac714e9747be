/** Where in a fit a state belongs: what comes next. */
export interface Position {
  readonly epoch: number
  /** In the training of this epoch, before its validation, or before the epoch begins. */
  readonly phase: 'train' | 'validate' | 'epoch'
  /** Batches of this epoch that are done, and the place in the loader's order after them. */
  readonly iter: number
  readonly next: number
  /** Batches that this epoch was to have when it began: what could not be read since does not change its schedule. */
  readonly nIter?: number
  readonly trainIter: number
  readonly pctTrain: number
}
