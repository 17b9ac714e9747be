import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { EspalierError, reasonOf } from '@espalier/data'

/** What the command line asks for. */
export interface Arguments {
  readonly task: string | undefined
  /** Where the result is written. */
  readonly json: string | undefined
  /** How many pairs. */
  readonly runs: number
  /** Threads of either side. */
  readonly threads: number
  /** Only our side. */
  readonly alone: boolean
}

/** How the command is used. */
export const usage = 'pnpm bench [TASK] [--json FILE] [--runs N] [--threads N] [--alone]'

/** Reads the command line. */
export function parseArguments(args: readonly string[], cores = availableParallelism()): Arguments {
  const { positionals, values } = parsed(args)
  if (positionals.length > 1) throw wrong(`one task at a time, got ${positionals.join(', ')}`)
  return {
    task: positionals[0],
    json: values.json,
    runs: count('--runs', values.runs, 3),
    threads: count('--threads', values.threads, cores),
    alone: values.alone ?? false,
  }
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        json: { type: 'string' },
        runs: { type: 'string' },
        threads: { type: 'string' },
        alone: { type: 'boolean' },
      },
    })
  } catch (error) {
    throw wrong(reasonOf(error))
  }
}

function count(option: string, text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise
  const n = Number(text)
  if (Number.isInteger(n) && n >= 1) return n
  throw wrong(`${option} takes a whole number ≥ 1, got '${text}'`)
}

const wrong = (message: string) => new EspalierError('bench/arguments', message, { fix: usage })
