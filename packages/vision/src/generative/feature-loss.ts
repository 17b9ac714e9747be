import { type Loss, lossMetrics, type Metric, noGrad, tf } from '@espalier/core'
import { checkOptions, describe, EspalierError } from '@espalier/data'
import type { Body } from '../body.js'
import { mobilenetV2 } from '../models/mobilenet-v2.js'
import type { Arch } from '../models/vision-model.js'
import { type FeatureNet, type FeatureNetOptions, featureNet } from './feature-net.js'
import { gramMatrix } from './gram-matrix.js'
import { type NormalizedWith, renormalized, statsIn } from './normalized-pictures.js'

/** What of two pictures is compared, and how much each part weighs. */
export interface FeatureLossOptions extends FeatureNetOptions {
  /** A weight for each layer. Default fastai's [5, 15, 2] for three layers, 1 for each of another number. */
  readonly layerWeights?: readonly number[]
  /** What the pixels weigh. Default 1. */
  readonly pixelWeight?: number
  /** What the Gram matrices weigh, times the square of the weight of their layer. Default 5000. */
  readonly gramWeight?: number
  /** Differences as they are (default), or squared. */
  readonly base?: 'l1' | 'mse'
  /** What predictions and targets are normalized with: see {@link NormalizedWith}. */
  readonly normalized?: NormalizedWith
}

/** A loss that owns a network: dispose it when the learner is done with it. */
export interface FeatureLoss extends Loss, Disposable {
  readonly net: FeatureNet
  /** Its parts as columns of the table: `pixel`, `feat_0`, …, `gram_0`, …; they add up to the loss. */
  readonly metrics: readonly Metric[]
  /** The parts, weighted, of the last batch that it was computed for. */
  readonly parts: Readonly<Record<string, number>>
}

const known = ['layers', 'weights', 'layerWeights', 'pixelWeight', 'gramWeight', 'base', 'normalized']

/**
 * How unlike two pictures look (the feature loss of fastai's course; Johnson et al. 2016): the differences of their
 * pixels, of what a network sees in them, and of how its features go together. The network is the body of any
 * architecture, or one of yours; its weights never train.
 *
 * @example
 * using loss = await featureLoss()
 * using learn = await unetLearner(dls, mobilenetV2, { lossFunc: loss, metrics: loss.metrics, blur: true })
 */
export async function featureLoss(
  from: Arch | Body = mobilenetV2,
  options: FeatureLossOptions = {},
): Promise<FeatureLoss> {
  checkOptions('featureLoss', options, known)
  const { pixelWeight = 1, gramWeight = 5e3, base = 'l1', normalized } = options
  const difference = differences[base]
  if (!difference) throw invalid(`there is no base ${describe(base)}`, "say base: 'l1' or 'mse'")
  checkWeights('pixelWeight', [pixelWeight])
  checkWeights('gramWeight', [gramWeight])
  checkWeights('layerWeights', options.layerWeights ?? [])
  const statsOf = statsIn('featureLoss', normalized)
  const net = await featureNet(from, options)
  const weights = options.layerWeights ?? (net.layers.length === 3 ? [5, 15, 2] : net.layers.map(() => 1))
  if (weights.length !== net.layers.length) {
    const layers = net.layers.length
    net[Symbol.dispose]()
    throw invalid(`${layers} layers need as many weights, got [${weights}]`, 'give one for each layer')
  }
  const names = ['pixel', ...weights.map((_, i) => `feat_${i}`), ...weights.map((_, i) => `gram_${i}`)]
  const parts: Record<string, number> = Object.fromEntries(names.map((name) => [name, 0]))

  /** The loss of each item, part by part: `[b]` each. */
  const partsOf = (pred: tf.Tensor, target: tf.Tensor): tf.Tensor1D[] => {
    checkPictures(pred, target)
    const features = (x: tf.Tensor4D) => net.forward(renormalized(x, statsOf(), net.stats))
    const wanted = noGrad(() => {
      const found = features(target as tf.Tensor4D)
      return { features: [...found], grams: found.map(gramMatrix) }
    })
    const seen = features(pred as tf.Tensor4D)
    return [
      tf.mul(difference(pred, target), pixelWeight),
      ...seen.map((f, i) => tf.mul(difference(f, wanted.features[i]!), weights[i]!)),
      ...seen.map((f, i) =>
        tf.mul(difference(gramMatrix(f), wanted.grams[i]!), weights[i]! ** 2 * gramWeight),
      ),
    ] as tf.Tensor1D[]
  }
  const loss = (pred: tf.Tensor, target: tf.Tensor): tf.Tensor => {
    const means = partsOf(pred, target).map((part) => tf.mean(part))
    const values = noGrad(() => tf.stack(means))
    for (const [i, value] of values.dataSync().entries()) parts[names[i]!] = value
    values.dispose()
    return tf.addN(means)
  }
  Object.defineProperty(loss, 'name', { value: 'featureLoss' })
  return Object.assign(loss, {
    net,
    parts,
    metrics: lossMetrics(parts, names),
    perItem: (pred: tf.Tensor, target: tf.Tensor) => tf.addN(partsOf(pred, target)),
    [Symbol.dispose]: () => net[Symbol.dispose](),
  }) as FeatureLoss
}

type Difference = (a: tf.Tensor, b: tf.Tensor) => tf.Tensor

/** The mean over all but the first axis. */
const differences: Readonly<Record<string, Difference>> = {
  // |d| in two halves: its slope at 0 is then 0, as in torch.
  l1: (a, b) => {
    const d = tf.sub(a, b)
    return perRow(tf.add(tf.relu(d), tf.relu(tf.neg(d))))
  },
  mse: (a, b) => perRow(tf.squaredDifference(a, b)),
}

function perRow(x: tf.Tensor): tf.Tensor {
  return tf.mean(tf.reshape(x, [x.shape[0]!, -1]), 1)
}

function checkPictures(pred: tf.Tensor, target: tf.Tensor | undefined): void {
  if (pred.rank === 4 && String(pred.shape) === String(target?.shape)) return
  throw new EspalierError(
    'loss/shape',
    `featureLoss compares pictures [b, h, w, c], got predictions [${pred.shape}] and targets [${target?.shape}]`,
    {
      fix: 'the model must give pictures of the size of the targets, with as many channels: unetLearner does',
    },
  )
}

function checkWeights(name: string, weights: readonly number[]): void {
  const fits = Array.isArray(weights) && weights.every((w) => Number.isFinite(w) && w >= 0)
  if (!fits)
    throw invalid(`${name} must be of at least 0, got ${describe(weights)}`, 'leave it out for the usual one')
}

function invalid(problem: string, fix: string): EspalierError {
  return new EspalierError('loss/option', `featureLoss: ${problem}`, { fix })
}
