import { describe, describeNumber, EspalierError } from '@espalier/data'

/** Throws unless an option is the path of a file or a folder. */
export function checkPath(logger: string, option: string, value: unknown, example: string): void {
  if (typeof value === 'string' && value !== '') return
  throw new EspalierError('log/path', `${logger}: ${option} must be a path, got ${describe(value)}`, {
    fix: `say ${logger}({ ${option}: '${example}' })`,
  })
}

/** Throws unless an option is a whole number from 1. */
export function checkEvery(logger: string, option: string, value: unknown): void {
  if (Number.isInteger(value) && Number(value) >= 1) return
  throw new EspalierError(
    'log/every',
    `${logger}: ${option} must be a whole number from 1, got ${describeNumber(value)}`,
    { fix: `say ${option}: 10, or leave it out` },
  )
}
