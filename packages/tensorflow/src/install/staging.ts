import { mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'

const prefix = '.installing-'
/** An installation that takes longer is not going on any more. */
const stale = 24 * 3600 * 1000

/** A new folder beside the final one, so that a rename can put it there; what torn installations left is removed. */
export async function stagingFolder(final: string): Promise<string> {
  const parent = dirname(final)
  await mkdir(parent, { recursive: true })
  for (const name of await readdir(parent)) {
    const path = join(parent, name)
    if (name.startsWith(prefix) && (await isAbandoned(path, name))) await remove(path)
  }
  return mkdtemp(join(parent, `${prefix}${process.pid}-`))
}

/** Puts a finished folder in its place, whole. Whoever comes second among several finds it done. */
export async function commit(staging: string, final: string): Promise<void> {
  const old = `${staging}-old`
  for (let tries = 0; ; tries++) {
    try {
      return await rename(staging, final)
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (tries === 9 || (code !== 'ENOTEMPTY' && code !== 'EEXIST')) throw error
    }
    try {
      await rename(final, old)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    }
    await remove(old)
  }
}

/** Removes a folder with all that is in it; a missing one is no error. */
export async function remove(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true })
}

async function isAbandoned(path: string, name: string): Promise<boolean> {
  const pid = Number(name.slice(prefix.length).split('-')[0])
  try {
    if (Date.now() - (await stat(path)).mtimeMs > stale) return true
    process.kill(pid, 0)
    return false
  } catch (error) {
    // Another user's process may not be asked, but is there.
    return (error as NodeJS.ErrnoException).code !== 'EPERM'
  }
}
