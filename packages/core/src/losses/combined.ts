import { describe, describeNumber, EspalierError, type Json } from '@espalier/data'
import * as tf from '../engine/tf.js'
import { lossesByName } from './default-loss.js'
import type { Loss } from './loss.js'

/**
 * Several losses of the same predictions, each times its weight, added up. Activation and decoding are those of the
 * first that has any. For masks the usual pair is focal loss, which looks at pixels, and dice, which looks at regions.
 *
 * @example
 * unetLearner(dls, resnet34, { lossFunc: combinedLoss([focalLossFlat(), diceLoss({ reduction: 'mean' })], [1, 0.5]) })
 */
export function combinedLoss(
  losses: readonly Loss[],
  weights: readonly number[] = Array.from(losses, () => 1),
): Loss {
  checkParts(losses, weights)
  const sum = (of: (loss: Loss) => tf.Tensor) =>
    losses
      .map((loss, i) => (weights[i] === 1 ? of(loss) : tf.mul(of(loss), weights[i]!)))
      .reduce((a, b) => tf.add(a, b))
  const combined: Loss = (pred, ...targets) => sum((loss) => loss(pred, ...targets))
  Object.defineProperty(combined, 'name', { value: 'combined' })
  const { activation, decodes } = losses.find((l) => l.activation || l.decodes) ?? {}
  const reductions = new Set(losses.map((l) => l.reduction ?? 'mean'))
  const itemwise = losses.every((l) => l.perItem)
  const tellable = losses.every((l) => l.toJSON && Object.hasOwn(lossesByName, l.name))
  return Object.assign(combined, {
    ...(activation && { activation }),
    ...(decodes && { decodes }),
    yInt: losses.every((l) => l.yInt),
    reduction: reductions.size === 1 ? [...reductions][0]! : ('mean' as const),
    ...(itemwise && {
      perItem: (pred: tf.Tensor, ...targets: tf.Tensor[]) =>
        sum((loss) => loss.perItem!(pred, ...targets)) as tf.Tensor1D,
    }),
    ...(tellable && {
      toJSON: () => ({
        losses: losses.map((l) => ({ name: l.name, options: l.toJSON!() })),
        weights: [...weights],
      }),
    }),
  })
}

/** Makes the loss again from what its `toJSON` wrote. */
export function combinedFrom({ losses, weights }: { losses?: Json; weights?: Json }): Loss {
  const parts =
    Array.isArray(losses) && losses.length <= 16 ? (losses as { name?: Json; options?: Json }[]) : []
  const made = parts.map(({ name, options }) => {
    if (typeof name === 'string' && Object.hasOwn(lossesByName, name)) {
      return lossesByName[name as keyof typeof lossesByName](options as object)
    }
    throw new EspalierError('loss/name', `there is no loss ${describe(name)}`, {
      fix: `there are ${Object.keys(lossesByName).join(', ')}`,
    })
  })
  return combinedLoss(made, weights as number[])
}

function checkParts(losses: unknown, weights: unknown): void {
  if (!Array.isArray(losses) || losses.length === 0) {
    throw invalid(
      `the losses must be a list, got ${describe(losses)}`,
      'say combinedLoss([focalLossFlat(), diceLoss()])',
    )
  }
  const at = losses.findIndex((loss) => typeof loss !== 'function')
  if (at >= 0)
    throw invalid(`losses[${at}] is ${describe(losses[at])}, which is no loss`, 'call it: diceLoss()')
  if (!Array.isArray(weights) || weights.length !== losses.length) {
    throw invalid(
      `${losses.length} losses need as many weights, got ${describe(weights)}`,
      'give one for each, or none',
    )
  }
  const wrong = weights.find((w) => !(typeof w === 'number' && w >= 0 && w < Number.POSITIVE_INFINITY))
  if (wrong !== undefined)
    throw invalid(`a weight must be a number of at least 0, got ${describeNumber(wrong)}`, 'say [1, 0.5]')
}

function invalid(problem: string, fix: string): EspalierError {
  return new EspalierError('loss/option', `combinedLoss: ${problem}`, { fix })
}
