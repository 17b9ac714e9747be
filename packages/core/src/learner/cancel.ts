import { describe, EspalierError } from '@espalier/data'

/** Thrown by a callback to leave a part of the loop; the part's `afterCancel…` and `after…` events still fire. */
export class Cancel extends Error {
  override readonly name: string = 'Cancel'

  constructor(readonly part: CancelPart) {
    super(`cancel the ${part}`)
  }
}

/** The parts of the training loop that can be left early. */
export type CancelPart = (typeof parts)[number]
const parts = ['batch', 'backward', 'step', 'train', 'validate', 'epoch', 'fit'] as const

/** Leaves a part of the training loop from inside a callback (fastai's `CancelFitException` and kin). */
export function cancel(part: CancelPart): never {
  if (parts.includes(part)) throw new Cancel(part)
  throw new EspalierError('callback/cancel', `there is no part of the loop called ${describe(part)}`, {
    fix: `cancel one of ${parts.join(', ')}`,
  })
}
