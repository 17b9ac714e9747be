import type { Comparison, summarize } from './comparison.js'
import type { Machine } from './machine.js'

type Side = ReturnType<typeof summarize>

/** What the command writes: both sides over all runs, and how they compare. */
export interface Result extends Comparison {
  readonly task: string
  readonly ours: Side
  /** Ours on wasm, where the task says so. */
  readonly wasm?: Side
  /** Null where there are no peers. */
  readonly peer: Side | null
  readonly machine: Machine
}
