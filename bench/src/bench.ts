import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkSameWork, compare, type Pair, summarize } from './comparison.js'
import { describeMachine } from './machine.js'
import type { Measurement } from './measurement.js'
import type { Peers } from './peers.js'
import { pairLine } from './report.js'
import type { Result } from './result.js'
import type { Task } from './task.js'

/** How often, with how many threads, and beside whom. */
export interface BenchOptions {
  readonly runs: number
  readonly threads: number
  readonly peers: Peers | undefined
}

/** Runs both sides of a task by turns, never at the same time. */
export async function bench(
  name: string,
  task: Task,
  { runs, threads, peers }: BenchOptions,
): Promise<Result> {
  const machine = describeMachine(threads)
  const scratch = await mkdtemp(join(tmpdir(), 'espalier-bench-'))
  try {
    const conditions = { threads, scratch }
    await task.prepare?.(conditions, peers)
    const pairs: Pair[] = []
    const onWasm: Measurement[] = []
    for (let i = 0; i < runs; i++) {
      const ours = await task.ours(conditions)
      const pair = peers ? { ours, peer: await task.peer(conditions, peers) } : { ours }
      checkSameWork(pair)
      pairs.push(pair)
      console.log(pairLine(i + 1, pair))
      if (task.wasm) onWasm.push(await task.ours({ ...conditions, engine: 'wasm' }))
    }
    return {
      task: name,
      ...compare(pairs),
      ours: summarize(pairs.map((p) => p.ours)),
      ...(onWasm.length > 0 && { wasm: summarize(onWasm) }),
      peer: peers ? summarize(pairs.flatMap((p) => p.peer ?? [])) : null,
      machine,
    }
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}
