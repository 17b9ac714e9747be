import type { HyperValue } from './hypers.js'
import { type OptFunc, Optimizer } from './optimizer.js'
import { settings } from './settings.js'
import {
  adamStep,
  averageGrad,
  averageSqrGrad,
  decayStep,
  momentumStep,
  type Step,
  sgdStep,
  stepCount,
} from './steps.js'

/**
 * An optimizer of steps in order.
 *
 * @example
 * const signSgd = chain([weightDecay(), { name: 'sign', run: (s, h) => { s.param = tf.sub(s.param, tf.mul(tf.sign(s.grad), h.lr)) } }])
 */
export function chain(steps: readonly Step[], hypers: Readonly<Record<string, HyperValue>> = {}): OptFunc {
  return (groups, lr = 1e-3) => new Optimizer(groups, steps, { ...hypers, lr })
}

/** Hyper-parameters of Adam; the defaults are fastai's: 0.9, 0.99, 1e-5, 0.01, decay decoupled. */
export interface AdamOptions {
  readonly mom?: HyperValue
  readonly sqrMom?: HyperValue
  readonly eps?: HyperValue
  readonly wd?: HyperValue
  /** False: weight decay as an L2 penalty on the gradient. */
  readonly decoupleWd?: boolean
}

/**
 * Adam (Kingma & Ba 2014, https://arxiv.org/abs/1412.6980) with fastai's defaults: decoupled weight decay 0.01, sqrMom
 * 0.99, eps 1e-5 outside the corrected root.
 */
export function adam(options: AdamOptions = {}): OptFunc {
  const defaults = { mom: 0.9, sqrMom: 0.99, eps: 1e-5, wd: 0.01, decoupleWd: true }
  const { decoupleWd, ...hypers } = settings('adam', defaults, options)
  const averages = [averageGrad({ dampening: true }), averageSqrGrad(), stepCount()]
  return chain([decayStep(decoupleWd), ...averages, adamStep()], hypers)
}

/** Hyper-parameters of gradient descent; the defaults are fastai's: no momentum, no decay. */
export interface SgdOptions {
  readonly mom?: HyperValue
  readonly wd?: HyperValue
  readonly decoupleWd?: boolean
}

/** Stochastic gradient descent, with momentum where `mom` is not 0. */
export function sgd(options: SgdOptions = {}): OptFunc {
  const { decoupleWd, ...hypers } = settings('sgd', { mom: 0, wd: 0, decoupleWd: true }, options)
  const descent = hypers.mom === 0 ? [sgdStep()] : [averageGrad(), momentumStep()]
  return chain([decayStep(decoupleWd), ...descent], hypers)
}
