/**
 * The one file that imports TensorFlow.js. The union package is imported for its side effect (tfjs-core alone
 * has no gradients in Node and no backend); what is re-exported is tfjs-core, the same engine and Tensor class.
 */
import '@tensorflow/tfjs'

export * from '@tensorflow/tfjs-core'

/** Registers tfjs's WebAssembly backend. */
export async function loadWasmBackend(): Promise<void> {
  await import('@tensorflow/tfjs-backend-wasm')
}
