import { defineKernel } from '../engine/kernel.js'
import * as tf from '../engine/tf.js'
import { shapeError } from './check.js'

type Inputs = { x: tf.Tensor; weight: tf.Tensor1D; bias: tf.Tensor1D }

/** Normalizes the last axis of each row by its own mean and biased variance (Ba et al. 2016): `[…, c]` → `[…, c]`. */
export function layerNorm<T extends tf.Tensor>(
  x: T,
  weight: tf.Tensor1D,
  bias: tf.Tensor1D,
  epsilon = 1e-5,
): T {
  if (x.shape.at(-1) !== weight.size)
    throw shapeError(
      'layerNorm',
      `expected ${weight.size} channels, got ${x.shape.at(-1)} (input [${x.shape}])`,
    )
  return layerNormKernel({ x, weight, bias }, { epsilon })[0] as T
}

/** `x`, `weight`, `bias` → y. Mean and spread are cheap to compute again: only the input is kept. */
export const layerNormKernel = defineKernel<Inputs, { readonly epsilon: number }>({
  name: 'EspalierLayerNorm',
  compose: ({ x, weight, bias }, { epsilon }) => tf.add(tf.mul(normalized(x, epsilon)[0], weight), bias),
  saves: { inputs: ['x', 'weight'] },
  gradient: ([dy], [x, weight], { epsilon }) => {
    const rows = Array.from({ length: x!.rank - 1 }, (_, i) => i)
    return {
      x: () => {
        const [y, inverse] = normalized(x!, epsilon)
        const d = tf.mul(dy!, weight!)
        const level = tf.mean(d, -1, true)
        const slope = tf.mean(tf.mul(d, y), -1, true)
        return tf.mul(tf.sub(tf.sub(d, level), tf.mul(y, slope)), inverse)
      },
      weight: () => tf.sum(tf.mul(dy!, normalized(x!, epsilon)[0]), rows),
      bias: () => tf.sum(dy!, rows),
    }
  },
})

/** With mean 0 and deviation 1 along the last axis; and one over the deviation it had. */
function normalized(x: tf.Tensor, epsilon: number): [y: tf.Tensor, inverse: tf.Tensor] {
  const centred = tf.sub(x, tf.mean(x, -1, true))
  const inverse = tf.rsqrt(tf.add(tf.mean(tf.square(centred), -1, true), epsilon))
  return [tf.mul(centred, inverse), inverse]
}
