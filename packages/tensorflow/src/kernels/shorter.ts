import { tf } from '@espalier/core'
import { backendName } from './native-kernel.js'

type Inputs = Readonly<Record<string, tf.TensorInfo>>
type Attributes = Readonly<Record<string, unknown>>

/** Puts a kernel before that of tfjs, which still does what the new one gives back. */
export function shorter(
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
