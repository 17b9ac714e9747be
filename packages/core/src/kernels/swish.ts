import { defineKernel } from '../engine/kernel.js'
import * as tf from '../engine/tf.js'

/** x / (1 + e^−x), of any shape (Ramachandran et al. 2017; torch calls it SiLU). */
export function swish<T extends tf.Tensor>(x: T): T {
  return swishKernel({ x }, {})[0] as T
}

/** `x` → y. Only the input is kept for the gradient. */
export const swishKernel = defineKernel<{ x: tf.Tensor }, object>({
  name: 'EspalierSwish',
  compose: ({ x }) => tf.mul(x, tf.sigmoid(x)),
  saves: { inputs: ['x'] },
  gradient: ([dy], [x]) => ({
    x: () => {
      const s = tf.sigmoid(x!)
      return tf.mul(dy!, tf.mul(s, tf.add(1, tf.mul(x!, tf.sub(1, s)))))
    },
  }),
})
