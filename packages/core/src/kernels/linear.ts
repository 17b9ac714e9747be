import { hostCompute } from '../engine/host.js'
import { defineKernel } from '../engine/kernel.js'
import * as tf from '../engine/tf.js'

type Inputs = { x: tf.Tensor2D; weight: tf.Tensor2D; bias: tf.Tensor1D }

/** Up to this many numbers, plain loops add up columns before an engine has begun to. */
const many = 65_536

/** x·W + b: `[b, nIn]`, `[nIn, nOut]` and `[nOut]` → `[b, nOut]`. */
export function linear(x: tf.Tensor2D, weight: tf.Tensor2D, bias: tf.Tensor1D): tf.Tensor2D {
  return linearKernel({ x, weight, bias }, {})[0] as tf.Tensor2D
}

/** `x`, `weight`, `bias` → y. */
export const linearKernel = defineKernel<Inputs, object>({
  name: 'EspalierLinear',
  compose: ({ x, weight, bias }) => tf.add(tf.matMul(x, weight), bias),
  saves: { inputs: ['x', 'weight'] },
  gradient: ([dy], [x, weight]) => ({
    x: () => tf.matMul(dy!, weight!, false, true),
    weight: () => tf.matMul(x!, dy!, true, false),
    bias: () => columnSums(dy as tf.Tensor2D),
  }),
})

/** `[b, n]` → `[n]`. */
function columnSums(x: tf.Tensor2D): tf.Tensor {
  if (x.size > many) return tf.sum(x, 0)
  const n = x.shape[1]
  return hostCompute([x], [{ shape: [n] }], ([v], [sums]) => {
    const exact = new Float64Array(n)
    for (let i = 0; i < v!.length; ) for (let j = 0; j < n; j++) exact[j]! += v![i++]!
    sums!.set(exact)
  })[0]!
}
