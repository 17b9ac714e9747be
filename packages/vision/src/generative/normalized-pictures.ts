import { tf } from '@espalier/core'
import { type DataLoaders, describe, EspalierError, type NdArray } from '@espalier/data'
import { type ImageStats, imagenetStats } from '../augment/normalize.js'

/**
 * What the pictures are normalized with that a model gives and is compared with: statistics, the loaders whose
 * `normalize` says it, or false for numbers from 0 to 1. Default: {@link imagenetStats}, which `unetLearner` adds on a
 * pretrained body.
 */
export type NormalizedWith = ImageStats | DataLoaders<readonly NdArray[], unknown, unknown> | false

/** The statistics of pictures, read when they are needed: those of a batch are not known before one was seen. */
export function statsIn(name: string, given: NormalizedWith = imagenetStats): () => ImageStats | undefined {
  if (given === false) return () => undefined
  if (isStats(given)) return () => given
  const transforms = 'train' in Object(given) ? given.train?.options?.batchTfms : undefined
  const found = transforms?.find((t) => t.name === 'normalize')
  if (found) {
    return () => {
      const stats = found.toJSON?.()
      if (isStats(stats)) return stats
      throw invalid(
        name,
        'the statistics of the loaders are not known yet',
        'let a learner see a batch first',
      )
    }
  }
  throw transforms
    ? invalid(
        name,
        'the loaders do not normalize pictures',
        'say normalized: false, or leave it out for unetLearner on a pretrained body, which adds its own',
      )
    : invalid(
        name,
        `normalized is ${describe(given)}`,
        'give { mean, std }, data loaders, or false for numbers from 0 to 1',
      )
}

/** Pictures `[b, h, w, c]` as numbers from 0 to 1. */
export function toUnit(pictures: tf.Tensor4D, stats: ImageStats | undefined): tf.Tensor4D {
  if (!stats) return pictures
  return tf.add(tf.mul(pictures, row(stats.std, pictures)), row(stats.mean, pictures))
}

/** Numbers from 0 to 1 as a network wants them. */
export function fromUnit(pictures: tf.Tensor4D, stats: ImageStats | undefined): tf.Tensor4D {
  if (!stats) return pictures
  return tf.div(tf.sub(pictures, row(stats.mean, pictures)), row(stats.std, pictures))
}

/** Pictures of one normalization in another. */
export function renormalized(
  pictures: tf.Tensor4D,
  from: ImageStats | undefined,
  to: ImageStats | undefined,
): tf.Tensor4D {
  const same = JSON.stringify([from?.mean, from?.std]) === JSON.stringify([to?.mean, to?.std])
  return same ? pictures : fromUnit(toUnit(pictures, from), to)
}

function row(numbers: readonly number[], { shape }: tf.Tensor4D): tf.Tensor {
  if (numbers.length === shape[3]) return tf.tensor1d([...numbers])
  throw new EspalierError(
    'pictures/channels',
    `statistics of ${numbers.length} channels do not fit pictures [${shape}]`,
    { fix: 'say normalized: false where pictures are numbers from 0 to 1' },
  )
}

function isStats(value: unknown): value is ImageStats {
  return typeof value === 'object' && value !== null && 'mean' in value && 'std' in value
}

function invalid(name: string, problem: string, fix: string): EspalierError {
  return new EspalierError('pictures/normalized', `${name}: ${problem}`, { fix })
}
