import { readdirSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { tf } from '@espalier/core'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/** What a process holds at one moment. */
export interface Held {
  readonly tensors: number
  readonly buffers: number
  readonly rss: number
  readonly heap: number
  /** Open files, where the system tells. */
  readonly files: number
}

/** What is held once everything unreachable is gone, and its memory has gone back: that takes V8 a moment. */
export async function held(): Promise<Held> {
  for (let i = 0; i < 2; i++) {
    collect()
    await setTimeout(300)
  }
  const { numTensors, numDataBuffers } = tf.memory()
  const { rss, heapUsed } = process.memoryUsage()
  const files = process.platform === 'linux' ? readdirSync('/proc/self/fd').length : 0
  return { tensors: numTensors, buffers: numDataBuffers, rss, heap: heapUsed, files }
}

const MiB = 2 ** 20

/** What has grown between two moments beyond what is allowed, in words. */
export function grown(before: Held, after: Held, { rss = 32, heap = 8 } = {}): string | undefined {
  const problems = [
    ...(after.tensors === before.tensors ? [] : [`tensors ${before.tensors} → ${after.tensors}`]),
    ...(after.buffers === before.buffers ? [] : [`buffers ${before.buffers} → ${after.buffers}`]),
    ...(after.files <= before.files ? [] : [`open files ${before.files} → ${after.files}`]),
    ...exceeds('memory', after.rss - before.rss, rss),
    ...exceeds('heap', after.heap - before.heap, heap),
  ]
  return problems.length > 0 ? problems.join(', ') : undefined
}

function exceeds(what: string, bytes: number, allowed: number): string[] {
  return bytes / MiB <= allowed
    ? []
    : [`${what} grew by ${(bytes / MiB).toFixed(1)} MiB, ${allowed} are allowed`]
}
