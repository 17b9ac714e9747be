import { tf } from '@espalier/core'
import { attribute } from '../binding/attributes.js'
import { dataTypes } from '../binding/data-types.js'
import { backendName, type Native } from './native-kernel.js'

type Inputs = Readonly<Record<string, tf.TensorInfo>>
type Attributes = Readonly<Record<string, unknown>>

/**
 * Shorter ways for kernels that tfjs's layer for Node has: matrices by `MatMul`, where it always takes the batched
 * operation, several times slower for small ones; new shapes and the same type without an operation where nothing was
 * handed to TensorFlow yet.
 */
export function registerTfjsKernels(native: Native): void {
  const { backend } = native

  shorter('BatchMatMul', ({ a, b }, { transposeA, transposeB }) => {
    if (a!.shape.length !== 2 || b!.shape.length !== 2 || a!.dtype !== 'float32' || b!.dtype !== 'float32') {
      return undefined
    }
    const attributes = [
      attribute.type('T', dataTypes.float),
      attribute.bool('transpose_a', transposeA === true),
      attribute.bool('transpose_b', transposeB === true),
    ]
    return native.run('MatMul', attributes, [a!, b!])[0]
  })

  shorter('Reshape', ({ x }, { shape }) => {
    const { values, dtype, source } = backend.entryOf(x!)
    if (String(shape) === String(x!.shape)) return shared(x!)
    if (values === null || source || dtype === dataTypes.string) return undefined
    return backend.hold(tf.util.inferFromImplicitShape([...(shape as number[])], sizeOf(x!)), dtype, values)
  })

  shorter('Cast', ({ x }, { dtype }) => {
    if (x!.dtype !== dtype) return undefined
    return shared(x!)
  })

  function shared(x: tf.TensorInfo): tf.TensorInfo {
    backend.incRef(x.dataId)
    return { dataId: x.dataId, shape: x.shape, dtype: x.dtype }
  }
}

/** Puts a kernel before that of tfjs, which still does what the new one gives back. */
function shorter(
  kernelName: string,
  compute: (inputs: Inputs, attrs: Attributes) => tf.TensorInfo | undefined,
): void {
  const usual = tf.getKernel(kernelName, backendName)
  tf.unregisterKernel(kernelName, backendName)
  tf.registerKernel({
    ...usual,
    kernelFunc: (given) =>
      compute(given.inputs as Inputs, given.attrs as unknown as Attributes) ?? usual.kernelFunc(given),
  })
}

const sizeOf = ({ shape }: tf.TensorInfo) => shape.reduce((n, d) => n * d, 1)
