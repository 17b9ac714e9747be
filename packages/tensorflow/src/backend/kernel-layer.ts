import './node-util.js'
import type { tf } from '@espalier/core'
import type { Binding } from '../binding/binding.js'

/** Where a tensor's content is. */
export interface Entry {
  readonly shape: number[]
  /** TensorFlow's number of the element type. */
  readonly dtype: number
  /** Content that was not handed to TensorFlow yet. */
  values: tf.BackendValues | null
  /** The binding's number of the tensor; negative: none. */
  id: number
  refCount: number
}

/** The part of tfjs's Node backend that is used and extended here; its types keep most of it private. */
export interface NodeBackend extends tf.KernelBackend {
  readonly binding: Binding
  readonly tensorMap: tf.DataStorage<Entry>
  getInputTensorIds(tensors: readonly tf.TensorInfo[]): number[]
}

/** The class of such backends: `packageName` is only used in messages. */
export type NodeBackendClass = new (binding: Binding, packageName: string) => NodeBackend

/** A CommonJS module as loaders and bundlers hand it over: its exports, or those as the default one. */
interface Layer {
  readonly NodeJSKernelBackend?: unknown
  readonly default?: Layer
}

/**
 * The kernels of `@tensorflow/tfjs-node-gpu` (the same as those of `tfjs-node`), without its compiled addon: its
 * class of backends, with all kernels registered for backends named 'tensorflow'.
 */
export async function loadKernelLayer(): Promise<NodeBackendClass> {
  const layer: Layer = await import('@tensorflow/tfjs-node-gpu/dist/nodejs_kernel_backend.js')
  await import('@tensorflow/tfjs-node-gpu/dist/register_all_kernels.js')
  return (layer.NodeJSKernelBackend ?? layer.default?.NodeJSKernelBackend) as NodeBackendClass
}
