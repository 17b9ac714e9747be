import type { Json, Skipped } from '@espalier/data'
import type { RunState } from '../learner/run-state.js'
import type { Position } from './position.js'

/** The version of the format that is written, and the newest that is read. */
export const runFileVersion = 1

/** What a callback or a module said of itself; its tensors lie in a file beside this one. */
export interface SavedPart {
  readonly name: string
  readonly data?: Json | undefined
  readonly tensors: readonly string[]
}

/** What `state.json` of a checkpoint says: all of a run but its tensors. */
export interface RunFile {
  readonly format: 'espalier-checkpoint'
  readonly version: number
  /** The number of the fit in the run, from 0, and whether it is over. */
  readonly fit: number
  readonly done: boolean
  readonly position: Position
  readonly run: Readonly<RunState>
  readonly skipped: { readonly train: readonly Skipped[]; readonly valid: readonly Skipped[] }
  readonly optimizer: {
    readonly hypers: readonly Readonly<Record<string, number>>[]
    readonly frozenIdx: number
    readonly params: readonly {
      readonly name: string
      readonly count: number
      readonly slots: readonly string[]
    }[]
  }
  readonly modules: readonly SavedPart[]
  /** The paths of the modules that are in training mode. */
  readonly training: readonly string[]
  readonly callbacks: readonly SavedPart[]
  /** What must be the same when the run goes on, by name. */
  readonly identity: Readonly<Record<string, Json>>
  /** Changes that were allowed since the run began. */
  readonly allowed: readonly string[]
}
