/** Thrown by a callback to leave a part of the loop; the part's `afterCancel…` and `after…` events still fire. */
export class Cancel extends Error {
  override readonly name: string = 'Cancel'

  constructor(readonly part: CancelPart) {
    super(`cancel the ${part}`)
  }
}

/** The parts of the training loop that can be left early. */
export type CancelPart = 'batch' | 'backward' | 'step' | 'train' | 'validate' | 'epoch' | 'fit'

/** Leaves a part of the training loop from inside a callback (fastai's `CancelFitException` and kin). */
export function cancel(part: CancelPart): never {
  throw new Cancel(part)
}
