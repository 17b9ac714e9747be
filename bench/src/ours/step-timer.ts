import type { Callback } from '@espalier/core'

/** Seconds of each training step: from the end of the last batch to the end of this one, loading included. */
export class StepTimer implements Callback {
  readonly name = 'stepTimer'
  /** Others first: their time counts. */
  readonly order = 99
  readonly steps: number[] = []
  /** From the beginning of the fit to the end of its first step. */
  first = 0
  #began = 0
  #last = 0

  constructor(readonly now: () => number = () => performance.now() / 1000) {}

  beforeFit(): void {
    this.#began = this.now()
  }

  beforeTrain(): void {
    this.#last = this.now()
  }

  afterBatch({ training }: { readonly training: boolean }): void {
    if (!training) return
    const now = this.now()
    if (this.steps.length === 0) this.first = now - this.#began
    this.steps.push(now - this.#last)
    this.#last = now
  }
}
