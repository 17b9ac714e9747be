import { tf } from '@espalier/core'
import { isRecording, repeat } from '@espalier/core/kernels'
import { sizeOf } from '@espalier/data'
import { dataTypes, elementOf } from '../binding/data-types.js'
import { copyBytes } from '../native/memory.js'
import { matMul } from './mat-mul.js'
import type { Native } from './native-kernel.js'
import { shorter } from './shorter.js'

/**
 * Shorter ways for kernels that tfjs's layer for Node has: matrices by {@link matMul}, where it always takes the batched
 * operation, several times slower for small ones; new shapes and the same type without an operation where nothing was
 * handed to TensorFlow yet.
 */
export function registerTfjsKernels(native: Native): void {
  const { backend } = native

  shorter('BatchMatMul', ({ a, b }, { transposeA, transposeB }) => {
    if (a!.shape.length !== 2 || b!.shape.length !== 2 || a!.dtype !== 'float32' || b!.dtype !== 'float32') {
      return undefined
    }
    return matMul(native, a!, b!, { a: transposeA === true, b: transposeB === true })
  })

  shorter('Reshape', ({ x }, { shape }) => {
    const entry = backend.entryOf(x!)
    const { values, dtype, source } = entry
    const wanted = tf.util.inferFromImplicitShape([...(shape as number[])], sizeOf(x!.shape))
    if (String(wanted) === String(x!.shape)) return shared(x!)
    if (isRecording() && dtype !== dataTypes.string) return copied(x!, wanted, dtype)
    if (values === null || source || dtype === dataTypes.string) return undefined
    entry.own = false
    return backend.hold(wanted, dtype, values)
  })

  shorter('Cast', ({ x }, { dtype }) => {
    if (x!.dtype !== dtype) return undefined
    return shared(x!)
  })

  function copied(x: tf.TensorInfo, shape: readonly number[], dtype: number): tf.TensorInfo {
    const [from, to] = [native.at(x), native.fresh(shape, dtype)]
    repeat(() => copyBytes(to.at, from, sizeOf(shape) * elementOf(dtype).bytes))
    return to.tensor
  }

  function shared(x: tf.TensorInfo): tf.TensorInfo {
    backend.incRef(x.dataId)
    return { dataId: x.dataId, shape: x.shape, dtype: x.dtype }
  }
}
