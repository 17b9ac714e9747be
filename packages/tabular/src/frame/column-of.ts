import { describe, EspalierError } from '@espalier/data'
import { Column, type ColumnKind, type Numbers } from './column.js'
import { Texts } from './texts.js'

/** What a column can be made of: values (null, undefined and NaN are missing), numbers in a typed array, or a column. */
export type ColumnLike = Column | Numbers | readonly unknown[]

/** A column of values; throws, with the first row that does not fit, where they are not of one kind. */
export function columnOf(values: ColumnLike, name = 'values'): Column {
  if (values instanceof Column) return values
  if (ArrayBuffer.isView(values)) return new Column('number', values)
  if (!Array.isArray(values)) {
    throw new EspalierError('frame/column', `column '${name}' must be a list, got ${describe(values)}`, {
      fix: 'give a list of values, a typed array, or a column of another frame',
    })
  }
  const first = values.findIndex((v) => !isMissing(v))
  if (first < 0) return new Column('number', new Float64Array(values.length).fill(Number.NaN))
  const kind = kindOf(values[first], name, first)
  const odd = values.findIndex((v) => !isMissing(v) && kindOf(v, name, first) !== kind)
  if (odd >= 0) {
    throw new EspalierError(
      'frame/mixed',
      `column '${name}' holds ${describe(values[odd])} in row ${odd}, the rows before it hold ${described[kind]} (row ${first}: ${describe(values[first])})`,
      { fix: 'make all values of a column one kind: String(v) or Number(v), or null where there is none' },
    )
  }
  return made[kind](values)
}

const described: Readonly<Record<ColumnKind, string>> = {
  number: 'numbers',
  text: 'texts',
  bool: 'booleans',
  date: 'dates',
}

const made: Readonly<Record<ColumnKind, (values: readonly unknown[]) => Column>> = {
  number(values) {
    const data = Float64Array.from(values, (v) => (isMissing(v) ? Number.NaN : Number(v)))
    const whole = data.every((v) => Number.isNaN(v) || (v === (v | 0) && !Object.is(v, -0)))
    if (!whole) return new Column('number', data)
    return new Column('number', Int32Array.from(data), [], maskOf(values))
  },
  text(values) {
    const texts = new Texts()
    const codes = Int32Array.from(values, (v) => (isMissing(v) ? -1 : texts.codeOf(v as string)))
    return new Column('text', codes, texts.vocab)
  },
  bool: (values) =>
    new Column(
      'bool',
      Uint8Array.from(values, (v) => (v === true ? 1 : 0)),
      [],
      maskOf(values),
    ),
  date: (values) =>
    new Column(
      'date',
      Float64Array.from(values, (v) => (isMissing(v) ? Number.NaN : (v as Date).getTime())),
    ),
}

function maskOf(values: readonly unknown[]): Uint8Array | undefined {
  return values.some(isMissing) ? Uint8Array.from(values, (v) => Number(isMissing(v))) : undefined
}

function isMissing(v: unknown): boolean {
  if (v === null || v === undefined) return true
  return typeof v === 'number' ? Number.isNaN(v) : v instanceof Date && Number.isNaN(v.getTime())
}

function kindOf(v: unknown, name: string, row: number): ColumnKind {
  if (typeof v === 'string') return 'text'
  if (typeof v === 'boolean') return 'bool'
  if (typeof v === 'number') return 'number'
  if (typeof v === 'bigint' && Number.isSafeInteger(Number(v))) return 'number'
  if (v instanceof Date) return 'date'
  throw new EspalierError('frame/value', `column '${name}' holds ${describe(v)} in row ${row}`, {
    fix: 'a cell is a number, a text, a boolean, a Date, or null; write large whole numbers as texts',
  })
}
