import * as tf from '../engine/tf.js'
import { flatPair } from './flat-pair.js'

/** Mean squared error. */
export function mse(pred: tf.Tensor, target: tf.Tensor): tf.Tensor {
  return tf.mean(tf.squaredDifference(...flatPair('mse', pred, target)))
}

/** Mean absolute error. */
export function mae(pred: tf.Tensor, target: tf.Tensor): tf.Tensor {
  return tf.mean(tf.abs(tf.sub(...flatPair('mae', pred, target))))
}

/** Mean squared error of log(1 + x): errors in proportion, of numbers that are not negative. */
export function msle(pred: tf.Tensor, target: tf.Tensor): tf.Tensor {
  const [p, t] = flatPair('msle', pred, target)
  return tf.mean(tf.squaredDifference(tf.log1p(p), tf.log1p(t)))
}
