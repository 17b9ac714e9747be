import { defineKernel } from '../engine/kernel.js'
import * as tf from '../engine/tf.js'

/** x · tanh(ln(1 + eˣ)), of any shape (Misra 2019). */
export function mish<T extends tf.Tensor>(x: T): T {
  return mishKernel({ x }, {})[0] as T
}

/** `x` → y. Only the input is kept for the gradient, where tfjs's tape would keep every step. */
export const mishKernel = defineKernel<{ x: tf.Tensor }, object>({
  name: 'EspalierMish',
  compose: ({ x }) => tf.mul(x, tanhSoftplus(x)),
  saves: { inputs: ['x'] },
  gradient: ([dy], [x]) => ({
    x: () => {
      const t = tanhSoftplus(x!)
      const slope = tf.mul(tf.mul(x!, tf.sigmoid(x!)), tf.sub(1, tf.square(t)))
      return tf.mul(dy!, tf.add(t, slope))
    },
  }),
})

/** tanh(ln(1 + eˣ)) = n / (n + 2) with n = eˣ(eˣ + 2); past 20 it is 1 in every digit of a float32. */
function tanhSoftplus(x: tf.Tensor): tf.Tensor {
  const e = tf.exp(tf.minimum(x, 20))
  const n = tf.mul(e, tf.add(e, 2))
  return tf.div(n, tf.add(n, 2))
}
