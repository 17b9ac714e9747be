import { EspalierError } from '@espalier/data'

const iso =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?)?(Z|[+-]\d{2}:?\d{2})?$/

/** Milliseconds since 1970 of a date in ISO 8601, in UTC unless it says another zone; NaN where a text is none. */
export function parseIsoDate(text: string): number {
  const found = iso.exec(text)
  if (!found) return Number.NaN
  const [y, m, d, hour, minute, second] = found.slice(1, 7).map((part) => Number(part ?? 0))
  const ms = Math.floor(Number(`0.${found[7] ?? 0}`) * 1000)
  const at = utc(y!, m!, d!, hour!, minute!, second!)
  const zone = found[8]
  if (zone === undefined || zone === 'Z') return at + ms
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2))
  return at + ms - (zone[0] === '-' ? -1 : 1) * minutes * 60_000
}

/**
 * How to read dates in a form such as `'DD.MM.YYYY'` or `'MM/DD/YYYY HH:mm:ss'`; NaN where a text is none.
 * One digit does for a day, a month or an hour.
 */
export function dateParser(form: string): (text: string) => number {
  const parts: string[] = []
  const pattern = form
    .replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&')
    .replaceAll(/YYYY|MM|DD|HH|mm|ss/g, (part) => {
      parts.push(part)
      return part === 'YYYY' ? '(\\d{4})' : '(\\d{1,2})'
    })
  if (
    !['YYYY', 'MM', 'DD'].every(
      (part) => parts.indexOf(part) >= 0 && parts.indexOf(part) === parts.lastIndexOf(part),
    )
  ) {
    throw new EspalierError('date/form', `'${form}' is no form of a date`, {
      fix: "it has YYYY, MM and DD once, and may have HH, mm and ss: 'DD.MM.YYYY HH:mm'",
    })
  }
  const whole = new RegExp(`^${pattern}$`)
  return (text) => {
    const found = whole.exec(text)
    if (!found) return Number.NaN
    const of = (part: string) => Number(found[parts.indexOf(part) + 1] ?? 0)
    const time = (part: string) => (parts.includes(part) ? of(part) : 0)
    return utc(of('YYYY'), of('MM'), of('DD'), time('HH'), time('mm'), time('ss'))
  }
}

/** NaN where there is no such day: the 30th of February is not the 2nd of March. */
function utc(y: number, m: number, d: number, hour: number, minute: number, second: number): number {
  const at = new Date(Date.UTC(2000, m - 1, d, hour, minute, second))
  at.setUTCFullYear(y, m - 1, d)
  const same = at.getUTCMonth() === m - 1 && at.getUTCDate() === d
  return same && hour < 24 && minute < 60 && second < 60 ? at.getTime() : Number.NaN
}
