import { type Loss, lossMetrics, type Metric, noGrad, tf, useEngine } from '@espalier/core'
import { checkOptions, describe, EspalierError, type NdArray } from '@espalier/data'
import type { Body } from '../body.js'
import { mobilenetV2 } from '../models/mobilenet-v2.js'
import type { Arch } from '../models/vision-model.js'
import { orDispose } from '../or-dispose.js'
import { type FeatureNet, type FeatureNetOptions, featureNet } from './feature-net.js'
import { gramMatrix } from './gram-matrix.js'
import { fromUnit, type NormalizedWith, renormalized, statsIn } from './normalized-pictures.js'

/** How much content and style weigh. */
export interface StyleLossOptions extends FeatureNetOptions {
  /** What the features of the middle layer weigh, in parts of how large they are. Default 1. */
  readonly contentWeight?: number
  /** What the Gram matrices weigh, the mean over layers, in parts of how large those of the style are. Default 10. */
  readonly styleWeight?: number
  /** What differences between neighbouring pixels weigh. Default 1. */
  readonly smoothWeight?: number
  /** What predictions and targets are normalized with: see {@link NormalizedWith}. */
  readonly normalized?: NormalizedWith
}

/** A loss that owns a network and the style of a picture: dispose it when the learner is done with it. */
export interface StyleLoss extends Loss, Disposable {
  readonly net: FeatureNet
  /** Its parts as columns of the table: `content`, `style`, `smooth`; they add up to the loss. */
  readonly metrics: readonly Metric[]
  readonly parts: Readonly<Record<'content' | 'style' | 'smooth', number>>
}

const known = ['layers', 'weights', 'contentWeight', 'styleWeight', 'smoothWeight', 'normalized']

/**
 * How far pictures are from showing what their targets show in the style of another picture (Gatys et al. 2015, Johnson
 * et al. 2016): the features of the middle layer are compared with those of the target, the Gram matrices of all layers
 * with those of the style, in proportion to what these are. The default network looks at the last four layers before the
 * picture gets smaller, the shallowest of which sees strokes.
 *
 * @example
 * using loss = await styleLoss(await painting.pixels())
 * using learn = new Learner(dls, transformNet(), { lossFunc: loss, metrics: loss.metrics })
 */
export async function styleLoss(
  /** Pixels `[h, w, 3]`. */
  style: NdArray<'uint8'>,
  from: Arch | Body = mobilenetV2,
  options: StyleLossOptions = {},
): Promise<StyleLoss> {
  checkOptions('styleLoss', options, known)
  const { contentWeight = 1, styleWeight = 10, smoothWeight = 1, layers = 4, ...rest } = options
  for (const [name, w] of Object.entries({ contentWeight, styleWeight, smoothWeight })) {
    if (!(Number.isFinite(w) && w >= 0)) {
      throw invalid('loss/option', `${name} must be of at least 0, got ${describe(w)}`, 'say 1')
    }
  }
  if (style?.shape?.length !== 3 || style.shape[2] !== 3) {
    throw invalid('loss/style', `the style is ${describe(style)}`, 'give the pixels [h, w, 3] of a picture')
  }
  await useEngine()
  const statsOf = statsIn('styleLoss', options.normalized)
  const net = await featureNet(from, { layers, ...rest })
  const wanted = orDispose(net, () => gramsOf(net, style))
  const parts = { content: 0, style: 0, smooth: 0 }

  /** Of each item, part by part: `[b]` each. */
  const partsOf = (pred: tf.Tensor4D, target: tf.Tensor4D): tf.Tensor1D[] => {
    const features = (x: tf.Tensor4D) => net.forward(renormalized(x, statsOf(), net.stats))
    const middle = (net.layers.length - 1) >> 1
    const shown = noGrad(() => features(target)[middle]!)
    const size = noGrad(() => tf.mean(tf.square(shown)))
    const seen = features(pred)
    const content = relative(seen[middle]!, shown, size)
    const styles = seen.map((f, i) => relative(gramMatrix(f), wanted[i]!.gram, wanted[i]!.size))
    return [
      tf.mul(content, contentWeight),
      tf.mul(tf.addN(styles), styleWeight / styles.length),
      tf.mul(roughness(pred), smoothWeight),
    ] as tf.Tensor1D[]
  }
  const loss = (pred: tf.Tensor, target: tf.Tensor): tf.Tensor => {
    checkPictures(pred, target)
    const means = partsOf(pred as tf.Tensor4D, target as tf.Tensor4D).map((part) => tf.mean(part))
    const values = noGrad(() => tf.stack(means))
    ;[parts.content = 0, parts.style = 0, parts.smooth = 0] = values.dataSync()
    values.dispose()
    return tf.addN(means)
  }
  Object.defineProperty(loss, 'name', { value: 'styleLoss' })
  return Object.assign(loss, {
    net,
    parts,
    metrics: lossMetrics(parts, ['content', 'style', 'smooth']),
    perItem: (pred: tf.Tensor, target: tf.Tensor) =>
      tf.addN(partsOf(pred as tf.Tensor4D, target as tf.Tensor4D)) as tf.Tensor1D,
    [Symbol.dispose]() {
      net[Symbol.dispose]()
      for (const { gram, size } of wanted) tf.dispose([gram, size])
    },
  })
}

/** The Gram matrices of a picture, and the mean of their squares; they stay. */
function gramsOf(net: FeatureNet, { shape, data }: NdArray<'uint8'>) {
  return tf.tidy(() => {
    const pixels = tf.div(tf.tensor4d(Float32Array.from(data), [1, ...shape] as never), 255) as tf.Tensor4D
    return net.forward(fromUnit(pixels, net.stats)).map((f) => {
      const gram = gramMatrix(f)
      return { gram: tf.keep(gram), size: tf.keep(tf.mean(tf.square(gram))) }
    })
  })
}

/** The mean squared difference of each item, in parts of a size. */
function relative(a: tf.Tensor, b: tf.Tensor, size: tf.Tensor): tf.Tensor {
  const d = tf.squaredDifference(a, b)
  return tf.div(tf.mean(tf.reshape(d, [d.shape[0]!, -1]), 1), tf.add(size, 1e-12))
}

/** The mean squared difference of neighbouring pixels, of each item. */
function roughness(x: tf.Tensor4D): tf.Tensor {
  const [, h, w] = x.shape
  const down = tf.squaredDifference(
    tf.slice(x, [0, 1, 0, 0], [-1, h - 1, w, -1]),
    tf.slice(x, [0, 0, 0, 0], [-1, h - 1, w, -1]),
  )
  const across = tf.squaredDifference(
    tf.slice(x, [0, 0, 1, 0], [-1, h, w - 1, -1]),
    tf.slice(x, [0, 0, 0, 0], [-1, h, w - 1, -1]),
  )
  return tf.add(tf.mean(down, [1, 2, 3]), tf.mean(across, [1, 2, 3]))
}

function checkPictures(pred: tf.Tensor, target: tf.Tensor | undefined): void {
  if (pred.rank === 4 && String(pred.shape) === String(target?.shape)) return
  throw invalid(
    'loss/shape',
    `it compares pictures [b, h, w, 3], got predictions [${pred.shape}] and targets [${target?.shape}]`,
    'the model must give pictures of the size of the targets: transformNet does where sides divide by 4',
  )
}

function invalid(code: string, problem: string, fix: string): EspalierError {
  return new EspalierError(code, `styleLoss: ${problem}`, { fix })
}
