import { tf } from '@espalier/core'
import { createBackend } from './backend/backend.js'
import { loadKernelLayer } from './backend/kernel-layer.js'
import { bindTensorflow } from './binding/api.js'
import { Binding } from './binding/binding.js'
import { backendName, Native } from './kernels/native-kernel.js'
import { registerKernels } from './kernels/register.js'
import { prepareEnvironment, threadCount } from './native/environment.js'
import { openLibrary } from './native/library.js'
import { quietly } from './native/quietly.js'
import { OneDnn } from './onednn/one-dnn.js'

/** Above tfjs's own cpu (1) and wasm (2). */
const priority = 3

export async function activate(): Promise<{ readonly backend: string; readonly version: string }> {
  const threads = threadCount()
  prepareEnvironment(threads)
  const dir = process.env['ESPALIER_TENSORFLOW_DIR']!
  const api = quietly(() => {
    openLibrary(`${dir}/libtensorflow_framework.so.2`, { shared: true })
    return bindTensorflow(openLibrary(`${dir}/libtensorflow_cc.so.2`))
  })
  const binding = quietly(() => new Binding(api, { threads }))
  const Base = await loadKernelLayer()
  const backend = createBackend(Base, binding)
  const native = new Native(backend, new OneDnn(openLibrary(process.env['ESPALIER_ONEDNN']!)))
  registerKernels(native)
  tf.registerBackend(backendName, () => backend, priority)
  return { backend: backendName, version: binding.TF_Version }
}
