import { type Loss, noGrad, tf } from '@espalier/core'
import { describe, EspalierError } from '@espalier/data'
import type { GANModule } from './gan-module.js'

/** How wrong a generator is: from what the critic says of its output, the output and what it should have been. */
export type GenLossFunc = (fakePred: tf.Tensor, output: tf.Tensor, target: tf.Tensor) => tf.Tensor
/** How wrong a critic is: from what it says of real pictures and of made ones. */
export type CritLossFunc = (realPred: tf.Tensor, fakePred: tf.Tensor) => tf.Tensor

/** The loss of a GAN, and what both parts of it were last: columns `gen_loss` and `crit_loss` read them. */
export interface GANLoss extends Loss {
  gen_loss: number
  crit_loss: number
}

/**
 * The loss of whichever part of a GAN has its turn (fastai's `GANLoss`). The generator's output is shown to the critic;
 * the critic, which has been shown what is real, is shown what the generator makes of the same batch's inputs, which is
 * a constant to its gradients.
 */
export function ganLoss(genLossFunc: GenLossFunc, critLossFunc: CritLossFunc, model: GANModule): GANLoss {
  const functions = { genLossFunc, critLossFunc }
  for (const [name, func] of Object.entries(functions)) {
    if (typeof func === 'function') continue
    throw new EspalierError('gan/loss', `${name} must be a function, got ${describe(func)}`, {
      fix: 'make both with ganLossFromFunc(contentLoss, criticLoss)',
    })
  }
  const loss = (pred: tf.Tensor, ...rest: tf.Tensor[]): tf.Tensor => {
    const { generator, critic } = model
    if (model.genMode) return genLossFunc(critic.forward(pred as never) as tf.Tensor, pred, rest[0]!)
    const fake = noGrad(() => generator.forward(...(rest as never[])) as tf.Tensor)
    return critLossFunc(pred, critic.forward(fake as never) as tf.Tensor)
  }
  Object.defineProperty(loss, 'name', { value: 'ganLoss' })
  return Object.assign(loss, { gen_loss: 0, crit_loss: 0 })
}

/**
 * The losses of generator and critic from two plain ones (fastai's `gan_loss_from_func`): `lossCrit` compares what the
 * critic says with 1 for real and 0 for made, `lossGen` what was made with what it should be. `weightsGen` weighs the
 * generator's two parts: fooling the critic, and being right.
 */
export function ganLossFromFunc(
  lossGen: Loss,
  lossCrit: Loss,
  weightsGen: readonly [critic: number, content: number] = [1, 1],
): readonly [GenLossFunc, CritLossFunc] {
  const [fooling, content] = checkWeights(weightsGen)
  const against = (pred: tf.Tensor, value: 0 | 1) => lossCrit(pred, tf.fill([pred.shape[0]!], value))
  return [
    (fakePred, output, target) =>
      tf.add(tf.mul(against(fakePred, 1), fooling), tf.mul(lossGen(output, target), content)),
    (realPred, fakePred) => tf.div(tf.add(against(realPred, 1), against(fakePred, 0)), 2),
  ]
}

function checkWeights(weights: readonly [number, number]): readonly [number, number] {
  if (Array.isArray(weights) && weights.length === 2 && weights.every(Number.isFinite)) return weights
  throw new EspalierError('gan/weights', `weightsGen must be two numbers, got ${describe(weights)}`, {
    fix: 'say weightsGen: [1, 50]: fooling the critic counts once, the content fifty times',
  })
}

/** Compares every number that a critic gives for a picture with the picture's target `[b]` (fastai's `AdaptiveLoss`). */
export function adaptiveLoss(crit: Loss): Loss {
  const loss = (pred: tf.Tensor, target: tf.Tensor) => crit(pred, expanded(target, pred))
  return Object.assign(loss, {
    ...(crit.activation && { activation: crit.activation }),
    ...(crit.perItem && {
      perItem: (pred: tf.Tensor, target: tf.Tensor) => crit.perItem!(pred, expanded(target, pred)),
    }),
  })
}

/**
 * The share of the numbers of a critic that are on the right side of `thresh` (fastai's `accuracy_thresh_expand`): each
 * picture's target counts for all of its numbers.
 */
export function accuracyThreshExpand(
  pred: tf.Tensor,
  target: tf.Tensor,
  { thresh = 0.5, sigmoid = true } = {},
): tf.Tensor {
  const above = tf.greater(sigmoid ? tf.sigmoid(pred) : pred, thresh)
  const real = tf.greater(expanded(target, pred), 0.5)
  return tf.mean(tf.cast(tf.equal(above, real), 'float32'))
}

/** Targets `[b]` as numbers of the shape of predictions `[b, …]`. */
function expanded(target: tf.Tensor, pred: tf.Tensor): tf.Tensor {
  const ones = pred.shape.slice(1).map(() => 1)
  return tf.broadcastTo(tf.reshape(tf.cast(target, 'float32'), [pred.shape[0]!, ...ones]), pred.shape)
}
