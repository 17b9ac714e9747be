import { describe, describeNumber, EspalierError } from '@espalier/data'

/** Where a number may lie; `above` and `below` leave the ends out. */
export interface Range {
  readonly from?: number
  readonly above?: number
  readonly to?: number
  readonly below?: number
  readonly whole?: boolean
}

/** Throws unless an option of a callback is a number in its range. */
export function checkOption(callback: string, option: string, value: unknown, range: Range): void {
  const { from = Number.NEGATIVE_INFINITY, above, to = Number.POSITIVE_INFINITY, below, whole } = range
  const fits =
    typeof value === 'number' &&
    value >= from &&
    value <= to &&
    (above === undefined || value > above) &&
    (below === undefined || value < below) &&
    (!whole || Number.isInteger(value))
  if (fits) return
  const words = [
    ...(range.from === undefined ? [] : [`from ${range.from}`]),
    ...(above === undefined ? [] : [`above ${above}`]),
    ...(range.to === undefined ? [] : [`up to ${range.to}`]),
    ...(below === undefined ? [] : [`below ${below}`]),
  ]
  throw new EspalierError(
    'callback/option',
    `${callback}: ${option} must be a ${whole ? 'whole ' : ''}number ${words.join(' and ')}, got ${describeNumber(value)}`,
    { fix: 'leave it out for the usual value' },
  )
}

/** Throws unless an option of a callback is one of some words. */
export function checkWord(callback: string, option: string, value: unknown, words: readonly string[]): void {
  if (words.includes(value as string)) return
  throw new EspalierError('callback/option', `${callback}: there is no ${option} ${describe(value)}`, {
    fix: `say ${words.map((w) => `'${w}'`).join(' or ')}`,
  })
}
