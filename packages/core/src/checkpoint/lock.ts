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

const file = 'lock.json'
/** What the sign begins with that a dead claim is being removed. */
export const discarding = `${file}.`

/** The claims of this process. A claim with its number alone may be that of another, which had the number before. */
const held = new Set<string>()

/**
 * Claims the folder of a run. It spares two processes each other's work; that neither can damage what the other wrote
 * does not depend on it. A claim whose process is gone is taken over.
 */
export async function lock(dir: string): Promise<Lock> {
  const { removeTree, process } = platform()
  const path = `${dir}/${file}`
  const id = crypto.randomUUID()
  const owner: Owner = { id, pid: process?.pid ?? 0, host: process?.host ?? '' }
  held.add(id) // Before it can be read.
  try {
    await claim(dir, path, owner)
  } catch (error) {
    held.delete(id)
    throw error
  }
  return {
    async check() {
      const now = await read(path)
      if (now?.id !== id) throw now ? taken(dir, now) : lost(dir)
    },
    async release() {
      held.delete(id)
      // One that cannot be removed is a claim whose process is gone.
      if ((await ownerOf(path))?.id === id) await removeTree(path).catch(() => {})
    },
  }
}

async function claim(dir: string, path: string, owner: Owner): Promise<void> {
  const { createFile } = platform()
  const bytes = new TextEncoder().encode(`${JSON.stringify(owner)}\n`)
  for (let attempt = 0; !(await createFile(path, bytes)); attempt++) {
    const other = (await ownerOf(path)) ?? (await later(() => ownerOf(path)))
    const alive = other && runs(other)
    if (alive || attempt > 20) throw taken(dir, alive ? other : undefined)
    await discard(path, other, bytes)
  }
}

/** Removes a dead claim. Only one of those who find it gets to: the one that makes the file which says so. */
async function discard(path: string, dead: Owner | undefined, bytes: Uint8Array): Promise<void> {
  const { createFile, removeTree } = platform()
  const sign = `${path}.${dead?.id ?? 'unreadable'}`
  if (!(await createFile(sign, bytes))) {
    const other = (await ownerOf(sign)) ?? (await later(() => ownerOf(sign)))
    if (!other || !runs(other)) await removeTree(sign) // It was cut in the middle of this.
    return
  }
  // Somebody may have been faster, and have made a claim of their own.
  if ((await ownerOf(path))?.id === dead?.id) await removeTree(path)
  await removeTree(sign)
}

/** A claim that cannot be read may just be being written. */
function later<T>(look: () => Promise<T>): Promise<T> {
  return new Promise((resolve) => setTimeout(() => resolve(look()), 200))
}

/** Whether the process that made a claim may still run. What runs on another machine cannot be seen from here. */
function runs({ id, pid, host }: Owner): boolean {
  const { process } = platform()
  if (host !== process?.host) return false
  return pid === process.pid ? held.has(id) : process.isRunning(pid)
}

/** Who made a claim, where it can be read. */
async function ownerOf(path: string): Promise<Owner | undefined> {
  return read(path).catch(() => undefined)
}

/** Who made a claim; undefined where there is none, or not a whole one. Throws where it cannot be read. */
async function read(path: string): Promise<Owner | undefined> {
  const { exists, readFile } = platform()
  if (!(await exists(path))) return undefined
  const text = new TextDecoder().decode(await readFile(path))
  try {
    const { id, pid, host } = JSON.parse(text) as Partial<Owner>
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

function lost(dir: string): EspalierError {
  return new EspalierError('checkpoint/locked', `the claim of this process to '${dir}' is gone`, {
    fix: 'leave the folder and its lock.json alone while a run writes into it, then go on: resume: true',
  })
}
