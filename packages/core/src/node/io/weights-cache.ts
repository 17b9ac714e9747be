import { randomUUID } from 'node:crypto'
import {
  copyFile,
  link,
  mkdir,
  readdir,
  readFile,
  realpath,
  rename,
  rm,
  stat,
  symlink,
} from 'node:fs/promises'
import { homedir } from 'node:os'
import { basename, dirname, join, relative } from 'node:path'
import { writeFileAtomic } from '../files.js'

/** The environment's variables. */
export type Env = Readonly<Record<string, string | undefined>>

/** Where the Hugging Face libraries keep what they fetch: both sides find each other's files. */
export function hubCache(env: Env): string {
  const home = env['HF_HOME'] ?? join(userCache(env), 'huggingface')
  return env['HF_HUB_CACHE'] ?? join(home, 'hub')
}

/** Where files from other addresses are kept, in the same layout. */
export function urlCache(env: Env): string {
  return join(userCache(env), 'espalier', 'weights')
}

function userCache(env: Env): string {
  return env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache')
}

/**
 * One repository in a cache, in the layout of the Hugging Face hub: `blobs/<hash>` are the contents, named by
 * their hash, `snapshots/<commit>/<file>` link to them, `refs/<revision>` say which commit a branch was at.
 */
export class CachedRepo {
  constructor(readonly folder: string) {}

  get blobs(): string {
    return join(this.folder, 'blobs')
  }

  /** The path of a file at a revision, whose content exists; its hash is not checked. */
  async find(revision: string, file: string): Promise<string | undefined> {
    const path = join(this.folder, 'snapshots', await this.#commitOf(revision), file)
    return (await isFile(path)) ? path : undefined
  }

  async #commitOf(revision: string): Promise<string> {
    try {
      const commit = (await readFile(join(this.folder, 'refs', revision), 'utf8')).trim()
      return isHash(commit) ? commit : revision
    } catch {
      return revision
    }
  }

  /**
   * A path for a download in the making: its own, so that no two writers ever meet in one file. What was left of
   * others a day ago is removed.
   */
  async temporary(now: number): Promise<string> {
    await mkdir(this.blobs, { recursive: true })
    for (const name of await readdir(this.blobs)) {
      if (!/^[0-9a-f-]{36}\.incomplete$/.test(name)) continue
      const path = join(this.blobs, name)
      const left = await stat(path).catch(() => undefined)
      if (left && now - left.mtimeMs > day) await rm(path, { force: true })
    }
    return join(this.blobs, `${randomUUID()}.incomplete`)
  }

  /** Takes a finished, verified and synced download in, as the content with that hash. */
  async adopt(temporary: string, hash: string): Promise<void> {
    await rename(temporary, join(this.blobs, hash))
  }

  /**
   * Makes content that is there findable. Each step replaces a name at once, and the name that leads to the rest
   * comes last: whoever looks at any moment finds all of it or what was before.
   */
  async publish({ hash, commit, revision, file }: Publication): Promise<string> {
    const path = join(this.folder, 'snapshots', commit, file)
    await mkdir(dirname(path), { recursive: true })
    await linkTo(join(this.blobs, hash), path)
    if (revision !== commit) await writeFileAtomic(join(this.folder, 'refs', revision), Buffer.from(commit))
    return path
  }

  /** Puts content that is not what its name says out of the way; it is kept beside, for whoever wants to look. */
  async quarantine(path: string): Promise<void> {
    const content = await realpath(path)
    await rename(content, join(this.blobs, `${basename(content)}.corrupt`))
  }
}

const day = 86_400_000

/** A file of a commit, at which a revision is, with the hash of its content. */
export interface Publication {
  readonly hash: string
  readonly commit: string
  readonly revision: string
  readonly file: string
}

/** A commit, or a content's hash: git's 40 hex digits or SHA-256's 64. */
export function isHash(text: string): boolean {
  return /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(text)
}

/** Links `path` to a blob, in place of what is there. Where links are not allowed the content is shared or copied. */
async function linkTo(blob: string, path: string): Promise<void> {
  const temporary = `${path}.${randomUUID()}`
  try {
    await symlink(relative(dirname(path), blob), temporary)
  } catch {
    await link(blob, temporary).catch(() => copyFile(blob, temporary))
  }
  await rename(temporary, path)
  // Renaming one link to a file over another one leaves both.
  await rm(temporary, { force: true })
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile()
  } catch {
    return false
  }
}
