import { avgMetric, type Metric, type MetricOptions, tf } from '@espalier/core'
import { checkOptions, EspalierError } from '@espalier/data'
import { type NormalizedWith, statsIn, toUnit } from './normalized-pictures.js'

/** What the pictures are that are compared. */
export interface PictureMetricOptions extends MetricOptions {
  /** What predictions and targets are normalized with: see {@link NormalizedWith}. */
  readonly normalized?: NormalizedWith
}

/**
 * The peak signal-to-noise ratio in decibels, the mean over pictures: 10·log10(1 / mean squared error) of numbers from 0
 * to 1, to which predictions are cut off. Half the error is 6 dB more; equal pictures count as 100 dB.
 *
 * @example
 * unetLearner(dls, mobilenetV2, { lossFunc: mseLossFlat(), metrics: [psnr(), ssim()] })
 */
export function psnr({ name = 'psnr', ...options }: PictureMetricOptions = {}): Metric {
  const pair = picturePair('psnr', options)
  return avgMetric((pred, target) => {
    const [p, t] = pair(pred, target)
    const error = tf.mean(tf.squaredDifference(p, t), [1, 2, 3])
    return tf.mul(-10 / Math.LN10, tf.mean(tf.log(tf.maximum(error, 1e-10))))
  }, name)
}

/** Predictions, cut off, and targets as numbers from 0 to 1. */
export function picturePair(
  metric: string,
  options: PictureMetricOptions,
): (pred: tf.Tensor, target: tf.Tensor | undefined) => readonly [tf.Tensor4D, tf.Tensor4D] {
  checkOptions(metric, options, ['name', 'normalized'])
  const stats = statsIn(metric, options.normalized)
  return (pred, target) => {
    if (pred.rank !== 4 || !target || String(pred.shape) !== String(target.shape)) {
      throw new EspalierError(
        'metric/shape',
        `${metric} compares pictures [b, h, w, c], got predictions [${pred.shape}] and targets [${target?.shape}]`,
        { fix: 'the model must give pictures of the size of the targets, with as many channels' },
      )
    }
    const t = toUnit(target as tf.Tensor4D, stats())
    const [low, high] = [tf.min(t).dataSync()[0]!, tf.max(t).dataSync()[0]!]
    if (low < -0.01 || high > 1.01) {
      throw new EspalierError(
        'metric/normalized',
        `${metric}: the targets lie between ${low.toFixed(2)} and ${high.toFixed(2)}, not 0 and 1, once their normalization is undone`,
        {
          fix: 'say what they are normalized with: normalized: dls, { mean, std }, or false where they are not',
        },
      )
    }
    return [tf.clipByValue(toUnit(pred as tf.Tensor4D, stats()), 0, 1), t]
  }
}
