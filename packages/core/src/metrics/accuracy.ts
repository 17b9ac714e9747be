import { EspalierError } from '@espalier/data'
import * as tf from '../engine/tf.js'
import type { MetricFunc } from './metric.js'

/** Share of places where the largest of `[b, …, c]` is the target `[b, …]`. */
export function accuracy(pred: tf.Tensor, target: tf.Tensor): tf.Tensor {
  return tf.mean(tf.cast(hits(pred, target), 'float32'))
}

/** 1 − accuracy. */
export function errorRate(pred: tf.Tensor, target: tf.Tensor): tf.Tensor {
  return tf.sub(1, accuracy(pred, target))
}

/** Share of places where the target is among the `k` largest of `[b, …, c]`. */
export function topKAccuracy(k = 5): MetricFunc {
  const metric = (pred: tf.Tensor, target: tf.Tensor): tf.Tensor => {
    const flat = tf.reshape(pred, [-1, pred.shape.at(-1)!])
    const { indices } = tf.topk(flat, Math.min(k, flat.shape[1]!))
    const among = tf.any(tf.equal(indices, tf.reshape(tf.cast(target, 'int32'), [-1, 1])), 1)
    return tf.mean(tf.cast(among, 'float32'))
  }
  Object.defineProperty(metric, 'name', { value: 'topKAccuracy' })
  return metric
}

function hits(pred: tf.Tensor, target: tf.Tensor): tf.Tensor {
  const classes = tf.reshape(tf.argMax(pred, -1), [-1])
  const wanted = tf.reshape(tf.cast(target, 'int32'), [-1])
  if (classes.size !== wanted.size) {
    throw new EspalierError(
      'metric/shape',
      `accuracy: predictions [${pred.shape}] and targets [${target.shape}] do not fit`,
      { fix: 'it compares classes: predictions [b, …, c] with targets [b, …]' },
    )
  }
  return tf.equal(classes, wanted)
}
