import { checkOptions, describe, EspalierError } from '@espalier/data'
import { Column } from '../frame/column.js'
import type { Frame } from '../frame/frame.js'
import { dateParser, parseIsoDate } from '../read/parse-date.js'
import { rowNumber } from './row-number.js'

/** Which parts of dates are added. */
export interface AddDatepartOptions {
  /** Before the name of each part. Default: the name of the column without a `date` at its end. */
  readonly prefix?: string
  /** Takes the column of dates away. Default true. */
  readonly drop?: boolean
  /** Also hour, minute and second. Default false. */
  readonly time?: boolean
  /** How texts are read as dates, such as `'DD.MM.YYYY'`. Default ISO 8601. */
  readonly form?: string
}

const day = 86_400_000

/**
 * Adds what can be told from a date (fastai's `add_datepart`): year, month, ISO week, day, day of the week from Monday
 * 0, day of the year, whether it begins or ends a month, quarter or year, and the seconds since 1970.
 *
 * @example
 * addDatepart(frame, 'saledate').column('saleDayofweek')
 */
export function addDatepart(frame: Frame, field: string, options: AddDatepartOptions = {}): Frame {
  checkOptions('addDatepart', options, ['prefix', 'drop', 'time', 'form'])
  const { prefix = field.replace(/[Dd]ate$/, ''), drop = true, time = false } = options
  const times = timesOf(frame, field, options.form)
  const parts: Record<string, Column> = {}
  const hours = ['Hour', 'Minute', 'Second']
  for (const [name, of] of Object.entries(numbersOf)) {
    if (!time && hours.includes(name)) continue
    if (name === 'Hour') Object.assign(parts, flags(times, prefix))
    parts[prefix + name] = whole(times, of)
  }
  if (!time) Object.assign(parts, flags(times, prefix))
  parts[`${prefix}Elapsed`] = new Column(
    'number',
    times.map((t) => Math.floor(t / 1000)),
  )
  const before = drop ? frame.drop([field]) : frame
  return before.assign(parts)
}

const numbersOf: Readonly<Record<string, (d: Date) => number>> = {
  Year: (d) => d.getUTCFullYear(),
  Month: (d) => d.getUTCMonth() + 1,
  Week: isoWeek,
  Day: (d) => d.getUTCDate(),
  Dayofweek: (d) => (d.getUTCDay() + 6) % 7,
  Dayofyear: (d) => Math.floor((d.getTime() - Date.UTC(d.getUTCFullYear(), 0, 1)) / day) + 1,
  Hour: (d) => d.getUTCHours(),
  Minute: (d) => d.getUTCMinutes(),
  Second: (d) => d.getUTCSeconds(),
}

const flagsOf: Readonly<Record<string, (d: Date) => boolean>> = {
  Is_month_end: (d) => next(d).getUTCDate() === 1,
  Is_month_start: (d) => d.getUTCDate() === 1,
  Is_quarter_end: (d) => next(d).getUTCDate() === 1 && next(d).getUTCMonth() % 3 === 0,
  Is_quarter_start: (d) => d.getUTCDate() === 1 && d.getUTCMonth() % 3 === 0,
  Is_year_end: (d) => d.getUTCMonth() === 11 && d.getUTCDate() === 31,
  Is_year_start: (d) => d.getUTCMonth() === 0 && d.getUTCDate() === 1,
}

/** The moments of a column of dates, or of texts that are dates: milliseconds, NaN where they are missing. */
export function timesOf(frame: Frame, field: string, form?: string): Float64Array {
  const column = frame.column(field)
  if (column.kind === 'date' || column.missing === column.length) return Float64Array.from(column.numbers())
  if (column.kind !== 'text') {
    throw new EspalierError('date/kind', `column '${field}' holds ${describe(column.at(0))}, not dates`, {
      fix: 'give dates, or texts such as 2020-01-31',
    })
  }
  const times = column.vocab.map(form ? dateParser(form) : parseIsoDate)
  return Float64Array.from(column.data, (code, i) => {
    const t = code < 0 ? Number.NaN : times[code]!
    if (code < 0 || !Number.isNaN(t)) return t
    throw new EspalierError(
      'date/form',
      `row ${rowNumber(frame, i)} holds '${column.vocab[code]}' in column '${field}', which is no date ${form ? `of the form '${form}'` : 'such as 2020-01-31'}`,
      {
        fix: "dates of one column have one form: say which, form: 'DD.MM.YYYY'",
      },
    )
  })
}

function whole(times: Float64Array, of: (d: Date) => number): Column {
  const gone = times.some(Number.isNaN)
  const data = Int32Array.from(times, (t) => (Number.isNaN(t) ? 0 : of(new Date(t))))
  return new Column(
    'number',
    data,
    [],
    gone ? Uint8Array.from(times, (t) => Number(Number.isNaN(t))) : undefined,
  )
}

function flags(times: Float64Array, prefix: string): Record<string, Column> {
  const flag = (of: (d: Date) => boolean) =>
    Uint8Array.from(times, (t) => Number(!Number.isNaN(t) && of(new Date(t))))
  return Object.fromEntries(
    Object.entries(flagsOf).map(([name, of]) => [prefix + name, new Column('bool', flag(of))]),
  )
}

function next(d: Date): Date {
  return new Date(d.getTime() + day)
}

/** The week that the Thursday of a date's week is in (ISO 8601). */
function isoWeek(d: Date): number {
  const thursday = new Date(d.getTime() + (3 - ((d.getUTCDay() + 6) % 7)) * day)
  return Math.floor((thursday.getTime() - Date.UTC(thursday.getUTCFullYear(), 0, 1)) / (7 * day)) + 1
}
