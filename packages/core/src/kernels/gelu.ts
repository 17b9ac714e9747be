import { defineKernel } from '../engine/kernel.js'
import * as tf from '../engine/tf.js'

/** x · Φ(x), with the distribution function of the normal distribution, of any shape (Hendrycks & Gimpel 2016). */
export function gelu<T extends tf.Tensor>(x: T): T {
  return geluKernel({ x }, {})[0] as T
}

/** `x` → y. Only the input is kept for the gradient. */
export const geluKernel = defineKernel<{ x: tf.Tensor }, object>({
  name: 'EspalierGelu',
  compose: ({ x }) => tf.mul(x, phi(x)),
  saves: { inputs: ['x'] },
  gradient: ([dy], [x]) => ({
    x: () => {
      const density = tf.mul(tf.exp(tf.mul(tf.square(x!), -0.5)), 1 / Math.sqrt(2 * Math.PI))
      return tf.mul(dy!, tf.add(phi(x!), tf.mul(x!, density)))
    },
  }),
})

const phi = (x: tf.Tensor): tf.Tensor => tf.mul(tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1), 0.5)
