import { EspalierError, type LossName, type Target } from '@espalier/data'
import { bceLossFlat } from './bce.js'
import { bceWithLogitsLossFlat } from './bce-with-logits.js'
import { crossEntropyLossFlat } from './cross-entropy.js'
import { diceLoss } from './dice.js'
import { focalLossFlat } from './focal.js'
import { labelSmoothingCrossEntropyFlat } from './label-smoothing.js'
import type { Loss } from './loss.js'
import { l1LossFlat, mseLossFlat } from './mse.js'

/** The losses by the names that targets and exported models have for them; options are checked by each. */
export const lossesByName: Readonly<Record<LossName, (options?: object) => Loss>> = {
  crossEntropy: crossEntropyLossFlat,
  labelSmoothingCrossEntropy: labelSmoothingCrossEntropyFlat,
  focal: focalLossFlat,
  dice: diceLoss,
  bceWithLogits: bceWithLogitsLossFlat,
  bce: bceLossFlat,
  mse: mseLossFlat,
  l1: l1LossFlat,
}

/** The loss that a target asks for, with the threshold it reads predictions by and the label it skips, if any. */
export function defaultLoss(
  name: LossName,
  { thresh, ignoreIndex }: Pick<Target, 'thresh' | 'ignoreIndex'> = {},
): Loss {
  const options = {
    ...(thresh !== undefined && { thresh }),
    ...(ignoreIndex !== undefined && { ignoreIndex }),
  }
  if (Object.hasOwn(lossesByName, name)) return lossesByName[name](options)
  throw new EspalierError(
    'loss/name',
    `the target of the data asks for the loss '${name}', which there is not`,
    {
      fix: `its losses are ${Object.keys(lossesByName).join(', ')}; or give the learner a lossFunc`,
    },
  )
}
