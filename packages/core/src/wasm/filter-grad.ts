import { composedForm } from '../engine/kernel.js'
import type * as tf from '../engine/tf.js'
import type { ConvFilterGradAttrs } from '../kernels/conv2d.js'
import type { Exports } from './exports.js'
import { addressOf, output, sizeOf, type WasmKernels, withScratch } from './memory.js'

type Inputs = Readonly<Record<'x' | 'dy', tf.Tensor4D>>

/** The filter gradient of convolutions in one group, and of depthwise ones; what lies between is composed. */
export function filterGrad(kernels: Exports, memory: WebAssembly.Memory): WasmKernels {
  const composed = composedForm('EspalierConv2dFilterGrad')

  function dense({ x, dy }: Inputs, attrs: ConvFilterGradAttrs): tf.TensorInfo {
    const [, oh, ow, cOut] = dy.shape
    const result = output(attrs.filterShape)
    const runs = 12 * Math.max(1, Math.floor(512 / ow))
    withScratch(runs, (scratch) => {
      const [x0, dy0, out] = [addressOf(x), addressOf(dy), addressOf(result)]
      kernels.filterGrad(x0, dy0, out, scratch, ...x.shape, oh, ow, cOut, ...placed(attrs))
    })
    return result
  }

  function depthwise({ x, dy }: Inputs, attrs: ConvFilterGradAttrs): tf.TensorInfo {
    const [, oh, ow] = dy.shape
    const result = output(attrs.filterShape)
    const n = sizeOf(result)
    withScratch(8 * n, (sums) => {
      kernels.depthwiseFilterGrad(addressOf(x), addressOf(dy), sums, ...x.shape, oh, ow, ...placed(attrs))
      const out = new Float32Array(memory.buffer, addressOf(result) >>> 0, n)
      out.set(new Float64Array(memory.buffer, sums >>> 0, n))
    })
    return result
  }

  return {
    EspalierConv2dFilterGrad(inputs: Inputs, attrs: ConvFilterGradAttrs) {
      const { x, dy } = inputs
      const [cIn, cOut] = [x.shape[3], dy.shape[3]]
      if (attrs.groups === 1) return dense(inputs, attrs)
      return attrs.groups === cIn && cOut === cIn ? depthwise(inputs, attrs) : composed({ x, dy }, attrs)
    },
  }
}

/** Kernel size, stride, dilation and padding, in the order that the kernels take them. */
function placed({ filterShape: [kh, kw], stride, dilation, padding }: ConvFilterGradAttrs): number[] {
  return [kh, kw, ...stride, ...dilation, ...padding]
}
