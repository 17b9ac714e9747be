import type { HyperValue } from './hypers.js'
import { type OptFunc, Optimizer } from './optimizer.js'
import {
  adamStep,
  averageGrad,
  averageSqrGrad,
  l2Reg,
  momentumStep,
  type Step,
  sgdStep,
  stepCount,
  weightDecay,
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

/** Adam with fastai's defaults: decoupled weight decay 0.01, sqrMom 0.99, eps 1e-5 outside the corrected root. */
export function adam({
  mom = 0.9,
  sqrMom = 0.99,
  eps = 1e-5,
  wd = 0.01,
  decoupleWd = true,
}: AdamOptions = {}): OptFunc {
  const decay = decoupleWd ? weightDecay() : l2Reg()
  const steps = [decay, averageGrad({ dampening: true }), averageSqrGrad(), stepCount(), adamStep()]
  return chain(steps, { mom, sqrMom, eps, wd })
}

/** Hyper-parameters of gradient descent; the defaults are fastai's: no momentum, no decay. */
export interface SgdOptions {
  readonly mom?: HyperValue
  readonly wd?: HyperValue
  readonly decoupleWd?: boolean
}

/** Stochastic gradient descent, with momentum where `mom` is not 0. */
export function sgd({ mom = 0, wd = 0, decoupleWd = true }: SgdOptions = {}): OptFunc {
  const decay = decoupleWd ? weightDecay() : l2Reg()
  const steps = mom === 0 ? [decay, sgdStep()] : [decay, averageGrad(), momentumStep()]
  return chain(steps, { mom, wd })
}
