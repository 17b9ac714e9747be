import type * as tf from '../engine/tf.js'
import type { BatchNormAttrs } from '../kernels/batch-norm.js'
import type { Exports } from './exports.js'
import { addressOf, output, sizeOf, type WasmKernels, withScratch } from './memory.js'

type Inputs = Readonly<Record<'x' | 'weight' | 'bias', tf.TensorInfo>>
type EvalInputs = Inputs & Readonly<Record<'mean' | 'variance', tf.TensorInfo>>
type GradInputs = Readonly<Record<'dy' | 'x' | 'weight' | 'mean' | 'variance', tf.TensorInfo>>

/** Batch norm: one pass for the moments where they are this batch's, one for the result; sums in float64. */
export function batchNorm(kernels: Exports, memory: WebAssembly.Memory): WasmKernels {
  const float32 = (address: number, n: number) => new Float32Array(memory.buffer, address >>> 0, n)
  const float64 = (address: number, n: number) => new Float64Array(memory.buffer, address >>> 0, n)

  function forward({ x, weight, bias }: Inputs, { epsilon }: BatchNormAttrs): tf.TensorInfo[] {
    const c = sizeOf(weight)
    const rows = sizeOf(x) / c
    const [y, mean, variance] = [output(x.shape), output([c]), output([c])]
    const at = addressOf(x)
    withScratch(20 * c, (scratch) => {
      const [squares, scales] = [scratch + 8 * c, scratch + 16 * c]
      kernels.momentSums(at, at, rows, c, scratch, squares)
      const [s, s2, scale] = [float64(scratch, c), float64(squares, c), float32(scales, c)]
      const [first, w] = [float32(at, c), float32(addressOf(weight), c)]
      const [m, v] = [float32(addressOf(mean), c), float32(addressOf(variance), c)]
      for (let j = 0; j < c; j++) {
        const squared = Math.max(0, s2[j]! - (s[j]! * s[j]!) / rows)
        m[j] = first[j]! + s[j]! / rows
        v[j] = squared / (rows - 1)
        scale[j] = w[j]! / Math.sqrt(squared / rows + epsilon)
      }
      kernels.normalize(at, addressOf(mean), scales, addressOf(bias), addressOf(y), rows, c)
    })
    return [y, mean, variance]
  }

  function evaluate(
    { x, weight, bias, mean, variance }: EvalInputs,
    { epsilon }: BatchNormAttrs,
  ): tf.TensorInfo {
    const c = sizeOf(weight)
    const y = output(x.shape)
    withScratch(4 * c, (scales) => {
      const [scale, w, v] = [scales, addressOf(weight), addressOf(variance)].map((at) => float32(at, c))
      for (let j = 0; j < c; j++) scale![j] = w![j]! / Math.sqrt(v![j]! + epsilon)
      kernels.normalize(
        addressOf(x),
        addressOf(mean),
        scales,
        addressOf(bias),
        addressOf(y),
        sizeOf(x) / c,
        c,
      )
    })
    return y
  }

  function backward(
    { dy, x, weight, mean, variance }: GradInputs,
    { epsilon }: BatchNormAttrs,
  ): tf.TensorInfo[] {
    const c = sizeOf(weight)
    const rows = sizeOf(x) / c
    const [dx, dWeight, dBias] = [output(x.shape), output([c]), output([c])]
    const means = addressOf(mean)
    withScratch(32 * c, (scratch) => {
      const [products, channels] = [scratch + 8 * c, scratch + 16 * c]
      kernels.normGradSums(addressOf(dy), addressOf(x), means, rows, c, scratch, products)
      const [s, p] = [float64(scratch, c), float64(products, c)]
      const [w, v] = [float32(addressOf(weight), c), float32(addressOf(variance), c)]
      const [dw, db] = [float32(addressOf(dWeight), c), float32(addressOf(dBias), c)]
      const [center, scale, level, slope] = [0, 1, 2, 3].map((i) => float32(channels + 4 * c * i, c))
      center!.set(float32(means, c))
      for (let j = 0; j < c; j++) {
        const inverse = 1 / Math.sqrt((v[j]! * (rows - 1)) / rows + epsilon)
        scale![j] = w[j]! * inverse
        level![j] = s[j]! / rows
        slope![j] = (p[j]! * inverse * inverse) / rows
        dw[j] = p[j]! * inverse
        db[j] = s[j]!
      }
      kernels.normGrad(addressOf(dy), addressOf(x), channels, addressOf(dx), rows, c)
    })
    return [dx, dWeight, dBias]
  }

  return { EspalierBatchNorm: forward, EspalierBatchNormGrad: backward, EspalierBatchNormEval: evaluate }
}
