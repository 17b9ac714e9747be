import * as tf from '../engine/tf.js'
import { chain } from './alias.js'
import type { HyperValue } from './hypers.js'
import type { OptFunc } from './optimizer.js'
import { settings } from './settings.js'
import { averageGrad, averageSqrGrad, decayStep, type Step, stepCount } from './steps.js'

/**
 * p ← p − lr·q·u with Adam's direction u = a / (1 − mom^t) / (√(s / (1 − sqrMom^t)) + eps) and
 * q = min(rms(p) / rms(u), 10), 1 where either is 0 (You et al. 2019, https://arxiv.org/abs/1904.00962; root mean
 * squares instead of lengths, as fastai has them).
 */
export const lambStep = (): Step => ({
  name: 'lambStep',
  hypers: { eps: 1e-5 },
  run(s, h) {
    const root = tf.sqrt(tf.div(s.slots['sqrAvg']!, 1 - h['sqrMom']! ** s.count))
    const average = tf.div(s.slots['gradAvg']!, 1 - h['mom']! ** s.count)
    const direction = tf.div(average, tf.add(root, h['eps']!))
    const [p, u] = [rootMeanSquare(s.param), rootMeanSquare(direction)]
    const either = tf.logicalOr(tf.equal(p, 0), tf.equal(u, 0))
    const trust = tf.where(either, tf.onesLike(p), tf.minimum(tf.div(p, u), 10))
    s.param = tf.sub(s.param, tf.mul(direction, tf.mul(trust, h['lr']!)))
  },
})

function rootMeanSquare(t: tf.Tensor): tf.Tensor {
  return tf.sqrt(tf.mean(tf.square(t)))
}

/** Hyper-parameters of LAMB; the defaults are fastai's: 0.9, 0.99, 1e-5, 0, decay decoupled. */
export interface LambOptions {
  readonly mom?: HyperValue
  readonly sqrMom?: HyperValue
  readonly eps?: HyperValue
  readonly wd?: HyperValue
  /** False: weight decay as an L2 penalty on the gradient. */
  readonly decoupleWd?: boolean
}

/** Adam with steps in proportion to the weights, for large batches (fastai's `Lamb`). */
export function lamb(options: LambOptions = {}): OptFunc {
  const defaults = { mom: 0.9, sqrMom: 0.99, eps: 1e-5, wd: 0, decoupleWd: true }
  const { decoupleWd, ...hypers } = settings('lamb', defaults, options)
  const averages = [averageGrad({ dampening: true }), averageSqrGrad(), stepCount()]
  return chain([decayStep(decoupleWd), ...averages, lambStep()], hypers)
}
