import * as tf from '../engine/tf.js'
import { chain } from './alias.js'
import type { HyperValue } from './hypers.js'
import type { OptFunc } from './optimizer.js'
import { settings } from './settings.js'
import { averageGrad, averageSqrGrad, decayStep, type Step } from './steps.js'

/** p ← p − lr · a / (√s + eps), with g for a where no average is kept (Hinton 2012). */
export const rmsPropStep = (): Step => ({
  name: 'rmsPropStep',
  hypers: { eps: 1e-8 },
  slots: ['sqrAvg'],
  run(s, h) {
    const root = tf.add(tf.sqrt(s.slots['sqrAvg']!), h['eps']!)
    s.param = tf.sub(s.param, tf.mul(tf.div(s.slots['gradAvg'] ?? s.grad, root), h['lr']!))
  },
})

/** Hyper-parameters of RMSProp; the defaults are fastai's: 0, 0.99, 1e-8, 0, decay decoupled. */
export interface RmsPropOptions {
  readonly mom?: HyperValue
  readonly sqrMom?: HyperValue
  /** Added to the root (fastai takes this argument and forgets it). */
  readonly eps?: HyperValue
  readonly wd?: HyperValue
  /** False: weight decay as an L2 penalty on the gradient. */
  readonly decoupleWd?: boolean
}

/** RMSProp: gradients divided by the root of their average square; with momentum where `mom` is not 0 (fastai's `RMSProp`). */
export function rmsProp(options: RmsPropOptions = {}): OptFunc {
  const defaults = { mom: 0, sqrMom: 0.99, eps: 1e-8, wd: 0, decoupleWd: true }
  const { decoupleWd, ...hypers } = settings('rmsProp', defaults, options)
  const averages = hypers.mom === 0 ? [averageSqrGrad()] : [averageGrad(), averageSqrGrad()]
  return chain([decayStep(decoupleWd), ...averages, rmsPropStep()], hypers)
}
