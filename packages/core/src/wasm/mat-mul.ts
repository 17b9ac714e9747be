import * as tf from '../engine/tf.js'
import { sizeOf, type WasmKernels, wasmBackend } from './memory.js'

interface Inputs {
  readonly a: tf.TensorInfo
  readonly b: tf.TensorInfo
}
interface Attrs {
  readonly transposeA: boolean
  readonly transposeB: boolean
}

/**
 * Products with a transposed factor: tfjs's own are plain loops, an order of magnitude slower than its product of
 * matrices that lie straight. So factors are laid straight first; of aᵀb the smaller one, as (bᵀa)ᵀ if that is b.
 */
export function matMul(): WasmKernels {
  const multiply = tf.getKernel('BatchMatMul', 'wasm').kernelFunc
  const transpose = tf.getKernel('Transpose', 'wasm').kernelFunc

  const product = (a: tf.TensorInfo, b: tf.TensorInfo) =>
    multiply({
      inputs: { a, b } as unknown as tf.NamedTensorInfoMap,
      attrs: { transposeA: false, transposeB: false },
      backend: wasmBackend(),
    }) as tf.TensorInfo

  const straight = (x: tf.TensorInfo) => {
    const n = x.shape.length
    const perm = [...x.shape.keys()].slice(0, n - 2).concat(n - 1, n - 2)
    return transpose({ inputs: { x }, attrs: { perm }, backend: wasmBackend() }) as tf.TensorInfo
  }

  return {
    BatchMatMul({ a, b }: Inputs, { transposeA, transposeB }: Attrs) {
      if (transposeA && !transposeB && sizeOf(b) < sizeOf(a)) {
        const bt = straight(b)
        const flipped = product(bt, a)
        return passing([bt, flipped], straight(flipped))
      }
      const left = transposeA ? straight(a) : a
      const right = transposeB ? straight(b) : b
      return passing(
        [left, right].filter((t) => t !== a && t !== b),
        product(left, right),
      )
    },
  }
}

/** A result, and the end of the tensors on the way to it. */
function passing(tensors: readonly tf.TensorInfo[], result: tf.TensorInfo): tf.TensorInfo {
  for (const t of tensors) wasmBackend().disposeData(t.dataId)
  return result
}
