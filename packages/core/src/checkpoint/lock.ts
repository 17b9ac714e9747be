import { EspalierError } from '@espalier/data'
import { platform } from '../platform.js'

/** Who writes into the folder of a run. */
interface Owner {
  readonly id: string
  readonly pid: number
  readonly host: string
}

/** The claim of one process to the folder of a run. */
export interface Lock {
  /** Throws where another process has taken the folder over. */
  check(): Promise<void>
  release(): Promise<void>
}

/**
 * Claims the folder of a run. It spares two processes each other's work; that neither can damage what the other wrote
 * does not depend on it. A claim whose process is gone is taken over.
 */
export async function lock(dir: string): Promise<Lock> {
  const { createFile, removeTree, process } = platform()
  const path = `${dir}/lock.json`
  const id = crypto.randomUUID()
  const owner: Owner = { id, pid: process?.pid ?? 0, host: process?.host ?? '' }
  const bytes = new TextEncoder().encode(`${JSON.stringify(owner)}\n`)
  for (let attempt = 0; ; attempt++) {
    if (await createFile(path, bytes)) break
    const other = (await ownerOf(path)) ?? (await later(() => ownerOf(path)))
    if (attempt > 20 || (other && runs(other))) throw taken(dir, other)
    await discard(path, other, bytes)
  }
  const mine = async () => (await ownerOf(path))?.id === id
  return {
    async check() {
      if (!(await mine())) throw taken(dir, await ownerOf(path))
    },
    async release() {
      if (await mine()) await removeTree(path)
    },
  }
}

/** Removes a dead claim. Only one of those who find it gets to: the one that makes the file which says so. */
async function discard(path: string, dead: Owner | undefined, bytes: Uint8Array): Promise<void> {
  const { createFile, removeTree } = platform()
  const discarding = `${path}.${dead?.id ?? 'unreadable'}`
  if (!(await createFile(discarding, bytes))) {
    const other = await ownerOf(discarding)
    if (other && !runs(other)) await removeTree(discarding) // It was cut in the middle of this.
    return
  }
  // Somebody may have been faster, and have made a claim of their own.
  if ((await ownerOf(path))?.id === dead?.id) await removeTree(path)
  await removeTree(discarding)
}

/** A claim that cannot be read may just be being written. */
function later<T>(read: () => Promise<T>): Promise<T> {
  return new Promise((resolve) => setTimeout(() => resolve(read()), 200))
}

/** Whether the process that made a claim may still run. What runs on another machine cannot be seen from here. */
function runs({ pid, host }: Owner): boolean {
  const { process } = platform()
  return host === process?.host && (process?.isRunning(pid) ?? false)
}

async function ownerOf(path: string): Promise<Owner | undefined> {
  try {
    const json: unknown = JSON.parse(new TextDecoder().decode(await platform().readFile(path)))
    const { id, pid, host } = json as Partial<Owner>
    return typeof id === 'string' && typeof pid === 'number' && typeof host === 'string'
      ? { id, pid, host }
      : undefined
  } catch {
    return undefined
  }
}

function taken(dir: string, owner: Owner | undefined): EspalierError {
  const who = owner ? `process ${owner.pid} on ${owner.host}` : 'another process'
  return new EspalierError('checkpoint/locked', `${who} trains into '${dir}' now`, {
    fix: 'wait for its end, or use another folder',
  })
}
