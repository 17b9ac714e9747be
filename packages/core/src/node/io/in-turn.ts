import { lstat, mkdir, open, rm, utimes } from 'node:fs/promises'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** A lock that was not touched for so long, in ms, was left by a process that is gone. */
const stale = 10_000

/**
 * Does a piece of work unless another process is at it; then waits for its result. The lock only saves work: it
 * is kept by a file that its owner touches, ignored where none can be written, and nothing breaks when two
 * processes come through at once (on some network disks locks always succeed).
 */
export async function inTurn<T>(
  lock: string,
  {
    result,
    work,
    now = Date.now,
    signal,
  }: {
    /** What the work leads to, when it is there already. */
    readonly result: () => Promise<T | undefined> | undefined
    readonly work: () => Promise<T>
    readonly now?: (() => number) | undefined
    readonly signal?: AbortSignal | undefined
  },
): Promise<T> {
  for (;;) {
    const state = await take(lock, now)
    if (state === 'taken') {
      await sleep(100, undefined, signal ? { signal } : {})
      const found = await result()
      if (found !== undefined) return found
      continue
    }
    const beat = setInterval(() => touch(lock), stale / 5).unref()
    try {
      return (await result()) ?? (await work())
    } finally {
      clearInterval(beat)
      if (state === 'ours') await rm(lock, { force: true }).catch(() => undefined)
    }
  }
}

async function take(lock: string, now: () => number): Promise<'ours' | 'taken' | 'impossible'> {
  const folder = await mkdir(dirname(lock), { recursive: true }).catch((error: unknown) => error)
  if (folder instanceof Error) return 'impossible'
  try {
    await (await open(lock, 'wx')).close()
    return 'ours'
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') return 'impossible'
  }
  try {
    // Either way: the clock of a network disk may be ahead.
    const age = Math.abs(now() - (await lstat(lock)).mtimeMs)
    if (age > stale) await rm(lock)
    return 'taken'
  } catch (error) {
    return codeOf(error) === 'ENOENT' ? 'taken' : 'impossible'
  }
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code
}

function touch(lock: string): void {
  const time = new Date()
  utimes(lock, time, time).catch(() => undefined)
}
