import { EspalierError } from '@espalier/data'
import * as tf from '../engine/tf.js'
import { checkClasses, flatPair, noTarget } from './flat-pair.js'
import type { Metric, MetricOptions, PredictionKind } from './metric.js'
import { readOut } from './read-out.js'
import { weightedMean } from './weighted-mean.js'

/** What the predictions are. */
export interface ProbabilityOptions extends MetricOptions {
  /** Logits are activated first. Default logits, which is what models give. */
  readonly input?: PredictionKind
}

/**
 * Mean squared distance of the probabilities `[b, …, c]` from the truth: of the second of two classes, or summed over
 * the classes where there are more (fastai's `BrierScore`, which measures decided classes instead).
 */
export function brierScore({ input = 'logits', name = 'brier_score_loss' }: ProbabilityOptions = {}): Metric {
  return weightedMean({
    name,
    measure({ pred, targets: [target] }) {
      if (!target) throw noTarget(name)
      const c = pred.shape.at(-1) ?? 0
      if (c < 2) throw tooFew(name, pred)
      checkClasses(name, pred, target)
      const { data } = readOut(() => {
        const p = tf.reshape(input === 'logits' ? tf.softmax(pred) : pred, [-1, c])
        const truth = tf.cast(tf.oneHot(tf.reshape<tf.Rank.R1>(tf.cast(target, 'int32'), [-1]), c), 'float32')
        const sum = tf.sum(tf.squaredDifference(p, truth), 1)
        return tf.mean(c === 2 ? tf.div(sum, 2) : sum)
      })
      return { value: data[0]!, weight: target.size }
    },
  })
}

/** Mean squared distance of the probabilities of labels, of which several can hold, from 0 or 1. */
export function brierScoreMulti({
  input = 'logits',
  name = 'brier_score_loss',
}: ProbabilityOptions = {}): Metric {
  return weightedMean({
    name,
    measure({ pred, targets }) {
      const { data } = readOut(() => {
        const [x, y] = flatPair(name, pred, targets[0])
        return tf.mean(tf.squaredDifference(input === 'logits' ? tf.sigmoid(x) : x, y))
      })
      return { value: data[0]!, weight: pred.size }
    },
  })
}

function tooFew(name: string, pred: tf.Tensor): EspalierError {
  return new EspalierError(
    'metric/shape',
    `${name}: predictions [${pred.shape}] are not of two classes or more`,
    {
      fix: 'for one output that is a yes or no take brierScoreMulti()',
    },
  )
}
