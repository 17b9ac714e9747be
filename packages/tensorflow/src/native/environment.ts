import { availableParallelism } from 'node:os'
import { EspalierError } from '@espalier/data'

/** How many threads one operation may use: `ESPALIER_THREADS`, else one for each core. */
export function threadCount(env: NodeJS.ProcessEnv = process.env): number {
  const asked = env['ESPALIER_THREADS']
  if (!asked) return availableParallelism()
  const threads = Number(asked)
  if (Number.isInteger(threads) && threads >= 1 && threads <= 1024) return threads
  throw new EspalierError('engine/threads', `ESPALIER_THREADS must be a whole number ≥ 1, got '${asked}'`)
}

/**
 * What the native libraries read from the environment when they are loaded; what is already set stays.
 * TensorFlow and oneDNN each have threads of their own: those of the one that waits must sleep. They spin for some
 * microseconds first, because an LSTM of oneDNN waits many times within a call, and waking costs more than the work.
 */
export function prepareEnvironment(threads: number, env: NodeJS.ProcessEnv = process.env): void {
  env['TF_CPP_MIN_LOG_LEVEL'] ??= '1'
  env['OMP_WAIT_POLICY'] ??= 'passive'
  env['GOMP_SPINCOUNT'] ??= '4000'
  env['OMP_NUM_THREADS'] ??= String(threads)
}

/** How many of them oneDNN may use: `OMP_NUM_THREADS` may say fewer. */
export function ompThreads(threads: number, env: NodeJS.ProcessEnv = process.env): number {
  return Math.min(threads, Number(env['OMP_NUM_THREADS']) || threads)
}
