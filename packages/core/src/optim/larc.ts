import * as tf from '../engine/tf.js'
import { chain } from './alias.js'
import type { HyperValue } from './hypers.js'
import type { OptFunc } from './optimizer.js'
import { settings } from './settings.js'
import { averageGrad, decayStep, type Step } from './steps.js'

/** How `larcLayerLr` uses the rate that it finds. */
export interface LarcLayerLrOptions {
  /** Never more than lr. False: LARS. */
  readonly clip?: boolean
}

/** localLr ← lr·trustCoeff·‖p‖ / (‖g‖ + ‖p‖·wd + eps), clipped at lr (You et al. 2017, https://arxiv.org/abs/1708.03888). */
export const larcLayerLr = ({ clip = true }: LarcLayerLrOptions = {}): Step => ({
  name: clip ? 'larcLayerLr' : 'larcLayerLr(unclipped)',
  hypers: { trustCoeff: 0.02, wd: 0, eps: 1e-8 },
  slots: [{ name: 'localLr', start: () => tf.scalar(0) }],
  run(s, h) {
    const [p, g] = [length(s.param), length(s.grad)]
    const divisor = tf.add(tf.add(g, tf.mul(p, h['wd']!)), h['eps']!)
    const rate = tf.div(tf.mul(p, h['lr']! * h['trustCoeff']!), divisor)
    s.slots['localLr'] = clip ? tf.minimum(rate, h['lr']!) : rate
  },
})

/** p ← p − localLr·a, with g for a where no average is kept. */
export const larcStep = (): Step => ({
  name: 'larcStep',
  run(s) {
    s.param = tf.sub(s.param, tf.mul(s.slots['gradAvg'] ?? s.grad, s.slots['localLr']!))
  },
})

function length(t: tf.Tensor): tf.Tensor {
  return tf.sqrt(tf.sum(tf.square(t)))
}

/** Hyper-parameters of LARC; the defaults are fastai's: 0.9, clipped, 0.02, 1e-8, 0, decay decoupled. */
export interface LarcOptions extends LarcLayerLrOptions {
  readonly mom?: HyperValue
  /** How large a step is against its weights. */
  readonly trustCoeff?: HyperValue
  readonly eps?: HyperValue
  readonly wd?: HyperValue
  /** False: weight decay as an L2 penalty on the gradient. */
  readonly decoupleWd?: boolean
}

/** Gradient descent with a rate for each parameter by the lengths of weights and gradient (fastai's `Larc`); LARS with `clip: false`. */
export function larc(options: LarcOptions = {}): OptFunc {
  const defaults = { mom: 0.9, clip: true, trustCoeff: 0.02, eps: 1e-8, wd: 0, decoupleWd: true }
  const { decoupleWd, clip, ...hypers } = settings('larc', defaults, options)
  const average = hypers.mom === 0 ? [] : [averageGrad()]
  return chain([decayStep(decoupleWd), ...average, larcLayerLr({ clip }), larcStep()], hypers)
}
