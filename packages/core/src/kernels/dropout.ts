import { hostCompute } from '../engine/host.js'
import { defineKernel, type Kernel } from '../engine/kernel.js'
import * as tf from '../engine/tf.js'

/** The inputs of the kernel. */
export type DropoutInputs = {
  x: tf.Tensor
  /** int32: a byte for each number of `x`, 1 where it is kept and 0 elsewhere, from the lowest of each four on. */
  kept: tf.Tensor1D
  /** What an engine may add the result to in place: then this is what it gives back. */
  before?: tf.Tensor
}

/** What the numbers that are kept are multiplied with. */
export interface DropoutAttrs {
  readonly scale: number
}

/** x · kept · scale. Its gradient is the same of the gradient. */
export const dropoutKernel: Kernel<DropoutInputs, DropoutAttrs> = defineKernel<DropoutInputs, DropoutAttrs>({
  name: 'EspalierDropout',
  compose({ x, kept }, { scale }) {
    const [factors] = hostCompute([kept], [{ shape: x.shape, unset: true }], ([words], [out]) => {
      const bytes = new Uint8Array(words!.buffer, words!.byteOffset, out!.length)
      for (let i = 0; i < bytes.length; i++) out![i] = bytes[i]! * scale
    })
    return tf.mul(x, factors!)
  },
  saves: { inputs: ['kept'] },
  gradient: ([dy], [kept], attrs) => ({
    x: (before) => dropoutKernel({ x: dy!, kept: kept as tf.Tensor1D, ...(before && { before }) }, attrs)[0]!,
  }),
})
