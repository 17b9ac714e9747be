import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { realpath, stat } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { isHash } from './weights-cache.js'
import type { Expected } from './weights-ref.js'

/** The hash of a file's content: SHA-256, or what git calls a file that is small enough to live in a repository. */
async function hashFile(path: string, kind: 'sha256' | 'git'): Promise<string> {
  const hash = createHash(kind === 'git' ? 'sha1' : 'sha256')
  if (kind === 'git') hash.update(`blob ${(await stat(path)).size}\0`)
  for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 20 })) hash.update(chunk as Buffer)
  return hash.digest('hex')
}

/** Whether a file's content has the hash, of either kind. */
export async function hasHash(path: string, hash: string): Promise<boolean> {
  return (await hashFile(path, hash.length === 40 ? 'git' : 'sha256')) === hash
}

/** What was verified in this process: the content's path → its size, time and number at that moment. */
const verified = new Map<string, string>()

/**
 * What a cached file is: intact, damaged (its content is not what its name says), or intact and another one than
 * was expected. The whole content is read, once in a process unless it changes.
 */
export async function inspect(path: string, expected: Expected): Promise<'intact' | 'damaged' | 'other'> {
  const content = await realpath(path)
  // Where links are not allowed a file has its own name, and only what is expected of it can be checked.
  const named = hashInName(content)
  if (named !== undefined && !(await isVerified(content, named))) return 'damaged'
  if (expected.size !== undefined && (await stat(content)).size !== expected.size) return 'other'
  const { sha256 } = expected
  if (sha256 === undefined || sha256 === named || (await isVerified(content, sha256))) return 'intact'
  return 'other'
}

/** The hash that the name of a blob promises. */
function hashInName(content: string): string | undefined {
  const name = basename(content)
  return basename(dirname(content)) === 'blobs' && isHash(name) ? name : undefined
}

async function isVerified(content: string, hash: string): Promise<boolean> {
  const { size, mtimeMs, ino } = await stat(content)
  const state = `${size} ${mtimeMs} ${ino} ${hash}`
  if (verified.get(content) === state) return true
  if (!(await hasHash(content, hash))) return false
  verified.set(content, state)
  return true
}
