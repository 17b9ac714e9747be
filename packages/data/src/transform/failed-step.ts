import { describe } from '../describe.js'
import { EspalierError, reasonOf } from '../errors.js'
import { SkipItem } from '../load/skip-item.js'

/** What a step threw, with the step and what it was given; errors that say so themselves stay as they are. */
export function failedStep(name: string, given: readonly unknown[], error: unknown): unknown {
  if (error instanceof EspalierError || error instanceof SkipItem) return error
  const on = given.map(describe).join(', ')
  return new EspalierError('transform/failed', `${name} failed on ${on}: ${reasonOf(error)}`, {
    cause: error,
  })
}

/** Why a step failed, without its name. */
export function reasonOfStep(error: unknown): string {
  const named = error instanceof EspalierError && error.code === 'transform/failed'
  return reasonOf(named ? error.cause : error)
}
