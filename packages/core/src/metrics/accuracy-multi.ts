import * as tf from '../engine/tf.js'
import { flatPair } from './flat-pair.js'
import type { MetricFunc, PredictionKind } from './metric.js'

/** How predictions of several labels are read. */
export interface MultiOptions {
  /** The probability from which on a label holds. Default 0.5. */
  readonly thresh?: number
  /** Logits go through a sigmoid first. Default logits, which is what models give. */
  readonly input?: PredictionKind
}

/**
 * Share of labels, over all items, that are said right; a label holds where its probability is above `thresh` (fastai's
 * `accuracy_multi`).
 *
 * @example
 * metrics: [accuracyMulti({ thresh: 0.2 })]
 */
export function accuracyMulti({ thresh = 0.5, input = 'logits' }: MultiOptions = {}): MetricFunc {
  return function accuracyMulti(pred, target): tf.Tensor {
    const [x, y] = flatPair('accuracyMulti', pred, target)
    const p = input === 'logits' ? tf.sigmoid(x) : x
    return tf.mean(tf.cast(tf.equal(tf.greater(p, thresh), tf.cast(y, 'bool')), 'float32'))
  }
}
