import * as tf from '../engine/tf.js'
import { own, type Step } from './steps.js'

/**
 * How much of an adaptive step RAdam takes at step t, from β = sqrMom: with ρ∞ = 2/(1 − β) − 1 and
 * ρ = ρ∞ − 2·t·β^t/(1 − β^t) it is √((ρ − 4)(ρ − 2)ρ∞ / ((ρ∞ − 4)(ρ∞ − 2)ρ)); undefined where ρ ≤ 5: too few
 * gradients were seen to tell their variance.
 */
export function rectification(sqrMom: number, count: number): number | undefined {
  const limit = 2 / (1 - sqrMom) - 1
  const power = sqrMom ** count
  const r = limit - (2 * count * power) / (1 - power)
  if (!(r > 5)) return undefined
  return Math.sqrt(((r - 4) * (r - 2) * limit) / ((limit - 4) * (limit - 2) * r))
}

/**
 * p ← p − lr·v/(1 − mom^t) · a / (√(s / (1 − sqrMom^t)) + eps) with v from {@link rectification}, and
 * p − lr/(1 − mom^t) · a where there is none; a `beta` above 0 puts softplus(·, beta) around the divisor (Liu et al.
 * 2019, https://arxiv.org/abs/1908.03265).
 */
export const radamStep = (): Step =>
  own({
    name: 'radamStep',
    hypers: { eps: 1e-5, beta: 0 },
    run(s, h) {
      const rate = h['lr']! / (1 - h['mom']! ** s.count)
      const v = rectification(h['sqrMom']!, s.count)
      const average = s.slots['gradAvg']!
      if (v === undefined) {
        s.param = tf.sub(s.param, tf.mul(average, rate))
        return
      }
      const root = tf.sqrt(tf.div(s.slots['sqrAvg']!, 1 - h['sqrMom']! ** s.count))
      const divisor = softplus(tf.add(root, h['eps']!), h['beta']!)
      s.param = tf.sub(s.param, tf.mul(tf.div(average, divisor), rate * v))
    },
  })

/** ln(1 + e^(beta·x)) / beta, which is x where beta·x is large; x itself where beta is 0. */
function softplus(x: tf.Tensor, beta: number): tf.Tensor {
  return beta === 0 ? x : tf.div(tf.softplus(tf.mul(x, beta)), beta)
}
