import type * as tf from '../engine/tf.js'
import type { ReluAttrs } from '../kernels/relu.js'
import type { Exports } from './exports.js'
import { addressOf, output, sizeOf, type WasmKernels } from './memory.js'

type Inputs = Readonly<Record<'dy' | 'y', tf.TensorInfo>>

/** The gradient of the rectifiers. */
export function reluGrad(kernels: Exports): WasmKernels {
  return {
    EspalierReluGrad({ dy, y }: Inputs, { max = Number.POSITIVE_INFINITY }: ReluAttrs) {
      const dx = output(y.shape)
      kernels.reluGrad(addressOf(dy), addressOf(y), max, addressOf(dx), sizeOf(y))
      return dx
    },
  }
}
