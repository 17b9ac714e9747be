import { EspalierError, reasonOf } from '../../errors.js'
import { SkipItem } from '../../load/skip-item.js'
import type { Failure } from './messages.js'

/** What was thrown, as data that can cross to another thread. */
export function failureOf(error: unknown): Failure {
  if (error instanceof SkipItem) return { kind: 'skip', message: error.message }
  if (error instanceof EspalierError) {
    const { code, message, cause } = error
    return { kind: 'espalier', code, message, ...(cause !== undefined && { cause: failureOf(cause) }) }
  }
  try {
    return { kind: 'other', error: structuredClone(error) }
  } catch {
    return { kind: 'other', error: new Error(reasonOf(error)) }
  }
}

/** The error that a failure tells of. */
export function errorOf(failure: Failure): unknown {
  if (failure.kind === 'skip') return new SkipItem(failure.message)
  if (failure.kind === 'other') return failure.error
  const { code, message, cause } = failure
  return new EspalierError(code, message, cause && { cause: errorOf(cause) })
}
