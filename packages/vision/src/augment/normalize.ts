import { type TensorTransform, tensorTransform, tf } from '@espalier/core'
import { describe, EspalierError, listed } from '@espalier/data'

/** Mean and standard deviation of each channel of images from 0 to 1. */
export interface ImageStats {
  readonly mean: readonly number[]
  readonly std: readonly number[]
}

/** Of ImageNet, for bodies that were trained on it. */
export const imagenetStats: ImageStats = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] }
/** Of CIFAR-10. */
export const cifarStats: ImageStats = { mean: [0.491, 0.482, 0.447], std: [0.247, 0.243, 0.261] }
/** Of MNIST, one channel. */
export const mnistStats: ImageStats = { mean: [0.131], std: [0.308] }

/**
 * Brings each channel of the images to mean 0 and deviation 1 (fastai's `Normalize`, order 99): with given
 * statistics, which a pretrained body needs, or with those of the first training batch.
 *
 * @example
 * normalize(imagenetStats)
 */
export function normalize(stats?: ImageStats): TensorTransform {
  let known = stats && checked(stats)
  const statsFor = (t: tf.Tensor): readonly [mean: tf.Tensor, std: tf.Tensor] => {
    if (!known) {
      throw new EspalierError('normalize/unset', 'normalize: the statistics are not known yet', {
        fix: 'give them, as in normalize(imagenetStats), or let a learner see a training batch first',
      })
    }
    const c = t.shape[3]
    if (known.mean.length !== c) {
      throw new EspalierError(
        'normalize/channels',
        `normalize: statistics of ${known.mean.length} channels, images [${t.shape}] have ${c}`,
        { fix: c === 1 ? 'use normalize(mnistStats) or normalize()' : 'use the statistics of these images' },
      )
    }
    return [tf.tensor1d([...known.mean]), tf.tensor1d([...known.std])]
  }
  const onImages =
    (run: (t: tf.Tensor, mean: tf.Tensor, std: tf.Tensor) => tf.Tensor): TensorTransform['encode'] =>
    (tensors, { kinds }) =>
      tensors.map((t, i) => (kinds[i] === 'image' ? run(t, ...statsFor(t)) : t))
  return tensorTransform({
    name: 'normalize',
    order: 99,
    toJSON: () => ({ ...(known && { mean: known.mean, std: known.std }) }),
    setup(tensors, { kinds }) {
      const images = tensors.find((_, i) => kinds[i] === 'image')
      if (!known && images) known = statsOf(images as tf.Tensor4D)
    },
    encode: onImages((t, mean, std) => tf.div(tf.sub(t, mean), std)),
    decode: onImages((t, mean, std) => tf.add(tf.mul(t, std), mean)),
  })
}

function checked(stats: ImageStats): ImageStats {
  const { mean, std } = stats
  if (!Array.isArray(mean) || !Array.isArray(std)) {
    throw new EspalierError('normalize/stats', `normalize takes { mean, std }, got ${describe(stats)}`, {
      fix: 'say normalize(imagenetStats), or normalize() for the statistics of a batch',
    })
  }
  if (mean.length === std.length && [...mean, ...std].every(Number.isFinite) && std.every((s) => s > 0))
    return { mean: [...mean], std: [...std] }
  throw new EspalierError(
    'normalize/stats',
    `normalize: means (${listed(mean)}) and deviations (${listed(std)}) must be as many, and deviations above 0`,
    { fix: 'give one of each for every channel: normalize(imagenetStats)' },
  )
}

/** Per channel, the deviation with n − 1 as in torch; a touch more than 0 for pictures of one colour. */
function statsOf(images: tf.Tensor4D): ImageStats {
  return tf.tidy(() => {
    const [b, h, w] = images.shape
    const mean = tf.mean(images, [0, 1, 2])
    const variance = tf.div(tf.sum(tf.square(tf.sub(images, mean)), [0, 1, 2]), Math.max(1, b * h * w - 1))
    const std = tf.add(tf.sqrt(variance), 1e-7)
    return { mean: [...mean.dataSync()], std: [...std.dataSync()] }
  })
}
