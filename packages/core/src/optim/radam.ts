import { chain } from './alias.js'
import type { HyperValue } from './hypers.js'
import type { OptFunc } from './optimizer.js'
import { radamStep } from './radam-step.js'
import { settings } from './settings.js'
import { averageGrad, averageSqrGrad, decayStep, stepCount } from './steps.js'

/** Hyper-parameters of RAdam; the defaults are fastai's: 0.9, 0.99, 1e-5, 0, 0, decay decoupled. */
export interface RAdamOptions {
  readonly mom?: HyperValue
  readonly sqrMom?: HyperValue
  readonly eps?: HyperValue
  readonly wd?: HyperValue
  /** Above 0: softplus of this sharpness around the divisor (Tong et al. 2019). */
  readonly beta?: HyperValue
  /** False: weight decay as an L2 penalty on the gradient. */
  readonly decoupleWd?: boolean
}

/** Rectified Adam: plain momentum for the first steps, then Adam as far as its averages can be trusted (fastai's `RAdam`). */
export function radam(options: RAdamOptions = {}): OptFunc {
  const defaults = { mom: 0.9, sqrMom: 0.99, eps: 1e-5, wd: 0, beta: 0, decoupleWd: true }
  const { decoupleWd, ...hypers } = settings('radam', defaults, options)
  const averages = [averageGrad({ dampening: true }), averageSqrGrad(), stepCount()]
  return chain([decayStep(decoupleWd), ...averages, radamStep()], hypers)
}
