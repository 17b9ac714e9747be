import * as tf from '../engine/tf.js'
import { flatPair } from './flat-pair.js'
import type { Metric, MetricInput, MetricOptions } from './metric.js'
import { readOut } from './read-out.js'
import { weightedMean } from './weighted-mean.js'

/** Root of the mean squared error over the epoch, not a mean of the roots of batches. */
export function rmse({ name = 'rmse' }: MetricOptions = {}): Metric {
  return rootMean(name, (pred, target) => tf.squaredDifference(pred, target))
}

/** Root of the mean squared error in proportion, of numbers that are logarithms: √mean(((eᵗ − eᵖ)/eᵗ)²). */
export function expRmspe({ name = 'exp_rmspe' }: MetricOptions = {}): Metric {
  return rootMean(name, (pred, target) => tf.square(tf.sub(1, tf.exp(tf.sub(pred, target)))))
}

function rootMean(name: string, each: (pred: tf.Tensor1D, target: tf.Tensor1D) => tf.Tensor): Metric {
  const measure = ({ pred, targets }: MetricInput) => ({
    value: readOut(() => tf.mean(each(...flatPair(name, pred, targets[0])))).data[0]!,
    weight: pred.size,
  })
  return weightedMean({ name, measure, finish: Math.sqrt })
}
