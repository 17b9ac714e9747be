import { availableParallelism, cpus, loadavg, totalmem } from 'node:os'

/** Where something was measured. */
export interface Machine {
  readonly cpu: string
  readonly cores: number
  readonly memory_gb: number
  readonly platform: string
  readonly node: string
  /** Threads of either side. */
  readonly threads: number
  /** Processes that wanted to run in the last minute, before anything was measured. */
  readonly load_before: number
}

/** This machine, now. */
export function describeMachine(threads: number): Machine {
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memory_gb: Math.round(totalmem() / 2 ** 30),
    platform: `${process.platform}-${process.arch}`,
    node: process.versions.node,
    threads,
    load_before: loadavg()[0] ?? 0,
  }
}
