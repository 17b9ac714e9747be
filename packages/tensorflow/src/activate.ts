import { tf } from '@espalier/core'
import { EspalierError, reasonOf } from '@espalier/data'
import { createBackend } from './backend/backend.js'
import { loadKernelLayer } from './backend/kernel-layer.js'
import { bindTensorflow } from './binding/api.js'
import { Binding } from './binding/binding.js'
import { backendName, Native } from './kernels/native-kernel.js'
import { registerKernels } from './kernels/register.js'
import { locateOneDnn } from './locate/locate-one-dnn.js'
import { locateTensorflow, type TensorflowLibraries } from './locate/locate-tensorflow.js'
import { keepFreedMemory } from './native/allocator.js'
import { ompThreads, prepareEnvironment, threadCount } from './native/environment.js'
import { openLibrary } from './native/library.js'
import { quietly } from './native/quietly.js'
import { OneDnn } from './onednn/one-dnn.js'
import { warmUpProducts } from './onednn/product.js'

/** What core is told about the engine. */
export interface Activated {
  /** The name of the tfjs backend. */
  readonly backend: string
  /** The versions of TensorFlow and of oneDNN. */
  readonly version: string
  /** How many threads one operation may use. */
  readonly threads: number
}

/** Above tfjs's own cpu (1) and wasm (2). */
const priority = 3
let activated: Promise<Activated> | undefined

/**
 * Loads libtensorflow, and oneDNN where there is one, and registers them as a tfjs backend with the native forms
 * of core's kernels. Called by core's `useEngine`; a second call changes nothing.
 */
export function activate(): Promise<Activated> {
  activated ??= start().catch((error) => {
    activated = undefined
    throw error
  })
  return activated
}

async function start(): Promise<Activated> {
  const libraries = locateTensorflow()
  if (!libraries) {
    throw new EspalierError('engine/not-found', 'the native engine is not installed: no libtensorflow', {
      fix: "run 'npx espalier engine install'",
    })
  }
  const threads = threadCount()
  prepareEnvironment(threads)
  keepFreedMemory()
  const binding = load(libraries, threads)
  const dnn = binding.isUsingGpuDevice() ? undefined : loadOneDnn(libraries, threads)
  void warmUp(binding, dnn)
  const backend = createBackend(await loadKernelLayer(), binding)
  registerKernels(new Native(backend, dnn))
  tf.registerBackend(backendName, () => backend, priority)
  const versions = [`TensorFlow ${binding.TF_Version}`, ...(dnn ? [`oneDNN ${dnn.version}`] : [])]
  return { backend: backendName, version: versions.join(', '), threads }
}

/** What fails here fails again when it is used, and is said then. */
async function warmUp(binding: Binding, dnn: OneDnn | undefined): Promise<void> {
  await Promise.allSettled([binding.warmUp(), dnn && warmUpProducts(dnn)])
}

function load({ framework, tensorflow }: TensorflowLibraries, threads: number): Binding {
  return quietly(() => {
    openLibrary(framework, { shared: true })
    return new Binding(bindTensorflow(openLibrary(tensorflow)), { threads })
  })
}

/** Without oneDNN everything still works, slower: one that does not load is worth a warning, not an error. */
function loadOneDnn(libraries: TensorflowLibraries, threads: number): OneDnn | undefined {
  const found = locateOneDnn(libraries)
  if (!found) return undefined
  try {
    return new OneDnn(openLibrary(found.path), ompThreads(threads))
  } catch (error) {
    console.warn(`oneDNN is not used: ${reasonOf(error)}`)
    return undefined
  }
}
