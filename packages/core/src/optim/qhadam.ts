import * as tf from '../engine/tf.js'
import { chain } from './alias.js'
import type { HyperValue } from './hypers.js'
import type { OptFunc } from './optimizer.js'
import { settings } from './settings.js'
import { averageGrad, averageSqrGrad, decayStep, type Step, stepCount } from './steps.js'

/**
 * p ← p − lr · ((1 − ν₁)·g + ν₁·a / (1 − mom^t)) / (√((1 − ν₂)·g² + ν₂·s / (1 − sqrMom^t)) + eps) (Ma & Yarats 2018,
 * https://arxiv.org/abs/1810.06801).
 */
export const qhadamStep = (): Step => ({
  name: 'qhadamStep',
  hypers: { eps: 1e-8, nu1: 0.7, nu2: 1 },
  run(s, h) {
    const [nu1, nu2] = [h['nu1']!, h['nu2']!]
    const average = tf.div(s.slots['gradAvg']!, 1 - h['mom']! ** s.count)
    const square = tf.div(s.slots['sqrAvg']!, 1 - h['sqrMom']! ** s.count)
    const direction = tf.add(tf.mul(s.grad, 1 - nu1), tf.mul(average, nu1))
    const divisor = tf.sqrt(tf.add(tf.mul(tf.square(s.grad), 1 - nu2), tf.mul(square, nu2)))
    s.param = tf.sub(s.param, tf.mul(tf.div(direction, tf.add(divisor, h['eps']!)), h['lr']!))
  },
})

/** Hyper-parameters of QHAdam; the defaults are fastai's: 0.999, 0.999, 0.7, 1, 1e-8, 0, decay decoupled. */
export interface QHAdamOptions {
  readonly mom?: HyperValue
  readonly sqrMom?: HyperValue
  /** How much of the direction is the average, the rest is this step's gradient. */
  readonly nu1?: HyperValue
  /** How much of the divisor is the average square, the rest is this step's. */
  readonly nu2?: HyperValue
  readonly eps?: HyperValue
  readonly wd?: HyperValue
  /** False: weight decay as an L2 penalty on the gradient. */
  readonly decoupleWd?: boolean
}

/** Quasi-hyperbolic Adam: between the gradient and its average, and between its square and theirs (fastai's `QHAdam`). */
export function qhadam(options: QHAdamOptions = {}): OptFunc {
  const defaults = { mom: 0.999, sqrMom: 0.999, nu1: 0.7, nu2: 1, eps: 1e-8, wd: 0, decoupleWd: true }
  const { decoupleWd, ...hypers } = settings('qhadam', defaults, options)
  const averages = [averageGrad({ dampening: true }), averageSqrGrad(), stepCount()]
  return chain([decayStep(decoupleWd), ...averages, qhadamStep()], hypers)
}
