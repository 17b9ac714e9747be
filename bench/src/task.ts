import type { Measurement } from './measurement.js'
import type { Peers } from './peers.js'

/** What both sides of a run share. */
export interface Conditions {
  readonly threads: number
  /** A folder for what the sides need to have ready; empty at first. */
  readonly scratch: string
  /** Which engine of ours. Default: the best that there is, or what `ESPALIER_ENGINE` says. */
  readonly engine?: 'wasm'
}

/** One piece of work, done by both sides. */
export interface Task {
  /** One line for the list. */
  readonly about: string
  /** Ours is run on wasm too, which is shown beside. */
  readonly wasm?: true
  /** Runs before anything is measured. */
  prepare?(conditions: Conditions, peers: Peers | undefined): Promise<void>
  ours(conditions: Conditions): Promise<Measurement>
  peer(conditions: Conditions, peers: Peers): Promise<Measurement>
}
