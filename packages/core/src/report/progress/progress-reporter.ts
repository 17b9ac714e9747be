/** What a fit shows while it runs. The loop calls these in order; each returns at once. */
export interface ProgressReporter {
  fitStart(plan: FitPlan): void
  /** @param epoch counted from 0 */
  epochStart(epoch: number, plan: EpochPlan): void
  /** What the batches that follow are for. */
  phase(name: Phase): void
  /** After a batch. @param i its number in its phase, counted from 0 */
  batch(i: number, state: BatchProgress): void
  /** At the end of an epoch: one value for each column. */
  row(values: readonly string[]): void
  /** After the last epoch and after a failure: nothing that moves may be left. */
  fitEnd(): void | Promise<void>
}

/** The halves of an epoch. */
export type Phase = 'train' | 'valid'

/** What is known when a fit begins. */
export interface FitPlan {
  readonly epochs: number
  /** The names of the columns of a row: `epoch`, `train_loss`, …, `time`. */
  readonly columns: readonly string[]
}

/** What is known when an epoch begins. */
export interface EpochPlan {
  /** Training batches. */
  readonly batches: number
  readonly validBatches?: number
}

/** What is known after a batch. */
export interface BatchProgress {
  /** The smoothed training loss, once there is one. */
  readonly loss?: number
}
