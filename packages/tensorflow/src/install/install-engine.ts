import { statfs, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { EspalierError } from '@espalier/data'
import { installedEngine } from '../locate/cache.js'
import { engines, gpuEngines, type Wheel } from './artifacts.js'
import { download } from './download.js'
import { python } from './python.js'
import { commit, remove, stagingFolder } from './staging.js'
import { unpack } from './unpack.js'

/** What an installation is doing. */
export interface InstallProgress {
  readonly step: 'check' | 'download' | 'unpack' | 'done'
  /** The package at hand, or the folder when done. */
  readonly what: string
  /** How many packages are done, of how many. */
  readonly done: number
  readonly total: number
}

export interface InstallOptions {
  /** Told as the installation goes on. */
  readonly onProgress?: (progress: InstallProgress) => void
  /** TensorFlow with the CUDA libraries, Linux on x64 only: several gigabytes. */
  readonly gpu?: boolean
  readonly env?: NodeJS.ProcessEnv
}

/** Room for the largest wheel, the libraries and pip's own copy. */
const roomNeeded = { cpu: 1.6e9, gpu: 9e9 } as const

/**
 * Installs the native engine into the user's cache: downloads the wheels of TensorFlow and oneDNN with pip, checks
 * their hashes against those in this package, takes the shared libraries out and puts them in place, all at once
 * or not at all. Returns the folder.
 *
 * @example
 * await installEngine({ onProgress: ({ step, what }) => console.log(step, what) })
 */
export async function installEngine(options: InstallOptions = {}): Promise<string> {
  const { onProgress, gpu = false, env = process.env } = options
  const wheels = wheelsFor(gpu)
  const final = installedEngine(gpu, env)
  const tell = (step: InstallProgress['step'], what: string, done: number) =>
    onProgress?.({ step, what, done, total: wheels.length })

  tell('check', 'python3 and pip', 0)
  await python(['-m', 'pip', '--version'], 'looking for pip', env)
  const staging = await stagingFolder(final)
  try {
    await checkRoom(staging, gpu ? roomNeeded.gpu : roomNeeded.cpu)
    const content = join(staging, 'engine')
    for (const [done, wheel] of wheels.entries()) {
      const folder = join(staging, `wheel-${done}`)
      tell('download', `${wheel.name} ${wheel.version}`, done)
      const path = await download(wheel, folder, env)
      tell('unpack', `${wheel.name} ${wheel.version}`, done)
      await unpack(wheel, path, content, env)
      await remove(folder)
    }
    const made = wheels.map(({ name, version, sha256 }) => ({ name, version, sha256 }))
    await writeFile(join(content, 'engine.json'), `${JSON.stringify({ wheels: made }, null, 2)}\n`)
    await commit(content, final)
  } finally {
    await remove(staging)
  }
  tell('done', final, wheels.length)
  return final
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
      {
        fix,
      },
    )
  }
  return wheels
}

function usesGlibc(): boolean {
  const { header } = process.report.getReport() as unknown as { header: Record<string, unknown> }
  return typeof header['glibcVersionRuntime'] === 'string'
}

async function checkRoom(folder: string, needed: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder)
  if (bavail * bsize >= needed) return
  const gb = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`
  throw new EspalierError(
    'engine/disk',
    `installing the engine needs ${gb(needed)} in '${folder}', and ${gb(bavail * bsize)} are free`,
    { fix: 'free some space, or let XDG_CACHE_HOME name a folder with space' },
  )
}
