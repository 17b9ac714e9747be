import { statfs, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { EspalierError } from '@espalier/data'
import type { Environment } from '../locate/cache.js'
import type { Wheel } from './artifacts.js'
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

interface Job {
  readonly wheels: readonly Wheel[]
  /** Where the engine goes. */
  readonly folder: string
  /** Bytes that must be free. */
  readonly room: number
  readonly env: Environment
  readonly onProgress?: ((progress: InstallProgress) => void) | undefined
}

/**
 * Downloads wheels with pip, checks their hashes, takes the shared libraries out and puts them in place, all at
 * once or not at all.
 */
export async function installWheels({ wheels, folder, room, env, onProgress }: Job): Promise<void> {
  const tell = (step: InstallProgress['step'], what: string, done: number) =>
    onProgress?.({ step, what, done, total: wheels.length })

  tell('check', 'python3 and pip', 0)
  await python(['-m', 'pip', '--version'], 'looking for pip', env)
  const staging = await stagingFolder(folder)
  try {
    await checkRoom(staging, room)
    const content = join(staging, 'engine')
    for (const [done, wheel] of wheels.entries()) {
      const temporary = join(staging, `wheel-${done}`)
      tell('download', `${wheel.name} ${wheel.version}`, done)
      const path = await download(wheel, temporary, env)
      tell('unpack', `${wheel.name} ${wheel.version}`, done)
      await unpack(wheel, path, content, env)
      await remove(temporary)
    }
    const made = wheels.map(({ name, version, sha256 }) => ({ name, version, sha256 }))
    await writeFile(join(content, 'engine.json'), `${JSON.stringify({ wheels: made }, null, 2)}\n`)
    await commit(content, folder)
  } finally {
    await remove(staging)
  }
  tell('done', folder, wheels.length)
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
