import * as tf from '../engine/tf.js'
import { batchNorm } from './batch-norm.js'
import { instantiate } from './exports.js'
import { filterGrad } from './filter-grad.js'
import { identity } from './identity.js'
import { matMul } from './mat-mul.js'
import { guardMemory, tensorMemory, type WasmKernels, wasmBackend } from './memory.js'
import { reluGrad } from './relu.js'

let installed = false

/** Gives tfjs's WebAssembly backend what it lacks. Builds that keep their memory to themselves compose instead. */
export async function installWasmKernels(): Promise<void> {
  if (installed) return
  installed = true
  const backend = wasmBackend()
  const memory = tensorMemory(backend)
  guardMemory(backend, memory)
  register({ ...identity, ...matMul() })
  if (!memory) return
  const kernels = await instantiate(memory)
  register({ ...batchNorm(kernels, memory), ...reluGrad(kernels), ...filterGrad(kernels, memory) })
}

function register(kernels: WasmKernels): void {
  for (const [kernelName, run] of Object.entries(kernels)) {
    if (tf.getKernel(kernelName, 'wasm')) tf.unregisterKernel(kernelName, 'wasm')
    tf.registerKernel({
      kernelName,
      backendName: 'wasm',
      kernelFunc: ({ inputs, attrs }) => run(inputs as never, (attrs ?? {}) as never),
    })
  }
}
