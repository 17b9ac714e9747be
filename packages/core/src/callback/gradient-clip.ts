import * as tf from '../engine/tf.js'
import type { Callback } from '../learner/callback.js'
import { checkOption } from './check-options.js'

/**
 * Scales the gradients of a step down so that together they are no longer than `maxNorm` (fastai's `GradientClip`).
 * `normType` is the p of the norm; infinity takes the largest number.
 *
 * @example
 * await learn.fit(3, 1e-2, { cbs: [gradientClip(0.5)] })
 */
export function gradientClip(maxNorm = 1, normType = 2): Callback {
  checkOption('gradientClip', 'maxNorm', maxNorm, { above: 0 })
  checkOption('gradientClip', 'normType', normType, { above: 0 })
  return {
    name: 'gradientClip',
    order: 11,
    describeRun: () => ({ maxNorm, normType: String(normType) }),
    beforeStep(s) {
      if (s.grads.size === 0) return
      const norm = totalNorm([...s.grads.values()], normType)
      const scale = tf.minimum(1, tf.div(maxNorm, tf.add(norm, 1e-6)))
      s.grads = new Map([...s.grads].map(([param, grad]) => [param, tf.mul(grad, scale)]))
    },
  }
}

/** The norm of all tensors as if they were one. */
function totalNorm(tensors: readonly tf.Tensor[], p: number): tf.Tensor {
  return tf.tidy(() => {
    if (p === Number.POSITIVE_INFINITY) return tf.max(tf.stack(tensors.map((t) => tf.max(tf.abs(t)))))
    const power = (t: tf.Tensor) => (p === 2 ? tf.square(t) : tf.pow(tf.abs(t), p))
    const sum = tf.addN(tensors.map((t) => tf.sum(power(t))))
    return p === 2 ? tf.sqrt(sum) : tf.pow(sum, 1 / p)
  })
}
