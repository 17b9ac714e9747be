import { describeNumber } from '../describe.js'
import { EspalierError } from '../errors.js'

/** Throws unless an option is a share of the items in [0, 1), or in (0, 1] of two that make a whole. */
export function checkShare(splitter: string, option: string, value: unknown): asserts value is number {
  if (typeof value === 'number' && value >= 0 && value < 1) return
  throw new EspalierError(
    'split/pct',
    `${splitter}: ${option} must be in [0, 1), got ${describeNumber(value)}`,
    { fix: 'it is a share of the items: 0.2 for a fifth' },
  )
}
