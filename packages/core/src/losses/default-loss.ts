import type { LossName } from '@espalier/data'
import { bceWithLogitsLossFlat } from './bce-with-logits.js'
import { crossEntropyLossFlat } from './cross-entropy.js'
import type { Loss } from './loss.js'
import { mseLossFlat } from './mse.js'

const losses: Readonly<Record<LossName, () => Loss>> = {
  crossEntropy: crossEntropyLossFlat,
  bceWithLogits: bceWithLogitsLossFlat,
  mse: mseLossFlat,
}

/** The loss that a target asks for. */
export function defaultLoss(name: LossName): Loss {
  return losses[name]()
}
