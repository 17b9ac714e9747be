import type { Environment } from '../locate/cache.js'
import { checkEngine } from './check-engine.js'
import { checkMachine } from './check-machine.js'
import { checkTools } from './check-tools.js'
import { engineStatus } from './engine-status.js'

/** Something this machine has, or lacks. */
export interface Check {
  readonly name: string
  readonly ok: boolean
  /** What was found. */
  readonly detail: string
  /** What to do about it; only where something is wrong. */
  readonly fix?: string
}

/** Looks at everything that Espalier uses on this machine: what is there, what is missing and how to get it. */
export async function doctor(env: Environment = process.env): Promise<readonly Check[]> {
  const [status, tools] = await Promise.all([engineStatus(env), checkTools(env)])
  return [...checkMachine(env), ...checkEngine(status), ...tools]
}
