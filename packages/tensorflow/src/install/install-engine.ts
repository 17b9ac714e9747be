import { EspalierError } from '@espalier/data'
import { type Environment, installedEngine } from '../locate/cache.js'
import { engines, gpuEngines, type Wheel } from './artifacts.js'
import { type InstallProgress, installWheels } from './install-wheels.js'

/** Which engine is installed, and who hears of it. */
export interface InstallOptions {
  /** Told as the installation goes on. */
  readonly onProgress?: (progress: InstallProgress) => void
  /** TensorFlow with the CUDA libraries, Linux on x64 only: several gigabytes. */
  readonly gpu?: boolean
  readonly env?: Environment
}

/** Room for the largest wheel, pip's own copy and the libraries. */
const roomFor = { cpu: 1.6e9, gpu: 9e9 } as const

/**
 * Installs the native engine into the user's cache: the shared libraries out of the Python wheels of TensorFlow
 * and oneDNN, which pip downloads and whose hashes are those in this package. Returns the folder.
 *
 * @example
 * await installEngine({ onProgress: ({ step, what }) => console.log(step, what) })
 */
export async function installEngine(options: InstallOptions = {}): Promise<string> {
  const { onProgress, gpu = false, env = process.env } = options
  const wheels = wheelsFor(gpu)
  const folder = installedEngine(gpu, env)
  await installWheels({ wheels, folder, room: roomFor[gpu ? 'gpu' : 'cpu'], env, onProgress })
  return folder
}

function wheelsFor(gpu: boolean): readonly Wheel[] {
  const { platform, arch } = process
  const wheels = (gpu ? gpuEngines : engines)[`${platform}-${arch}`]
  const fix = 'use the wasm engine, or let ESPALIER_TENSORFLOW_DIR name a folder with libtensorflow'
  if (!wheels) {
    const what = gpu ? 'native engine for GPUs' : 'native engine'
    throw new EspalierError('engine/platform', `there is no ${what} for ${platform} on ${arch}`, { fix })
  }
  if (platform === 'linux' && !usesGlibc()) {
    throw new EspalierError(
      'engine/platform',
      'TensorFlow needs glibc, and this system has another C library',
      { fix },
    )
  }
  return wheels
}

function usesGlibc(): boolean {
  const { header } = process.report.getReport() as unknown as { header: Record<string, unknown> }
  return typeof header['glibcVersionRuntime'] === 'string'
}
