import { checkOptions, describe, EspalierError, type Json, listed } from '@espalier/data'
import { Column, type ColumnKind, firstPlaces, type Value } from '../frame/column.js'
import { Frame } from '../frame/frame.js'
import { own } from '../frame/own.js'
import { textOf } from '../frame/table-of.js'
import { byCodePoint } from '../frame/texts.js'
import type { FittedProc, Roles, TabularProc } from './proc.js'
import { rowNumber } from './row-number.js'

/** The class of missing and unseen values. */
const naClass = '#na#'

/** Which classes columns have, and what becomes of values that are none of them. */
export interface CategorifyOptions {
  /**
   * The classes of some columns in an order of your own, such as sizes from small to large. Other columns have the
   * sorted values of the training rows.
   */
  readonly orders?: Readonly<Record<string, readonly (string | number | boolean)[]>>
  /** What a value is that no training row has: the class `#na#`, or an error that names it. Default `'na'`. */
  readonly unseen?: 'na' | 'error'
  /** What a missing value is: the class `#na#`, or an error that names it, in all columns or those listed. Default `'na'`. */
  readonly missing?: MissingPolicy
  /**
   * `'all'` takes the classes of columns of texts from all rows, as fastai's `reduce_memory` does: values that only
   * validation rows have get an embedding, which is not trained. Default `'train'`.
   */
  readonly classesOf?: 'train' | 'all'
}

/** Missing values are a class, an error, or an error in some columns. */
export type MissingPolicy = 'na' | 'error' | readonly string[]

interface Classes {
  readonly kind: ColumnKind
  /** Without `#na#`, which is code 0. */
  readonly values: readonly string[]
}

/**
 * Turns the values of categorical columns into codes: 0 for `#na#`, then the classes from 1 (fastai's `Categorify`).
 *
 * @example
 * categorify({ orders: { size: ['S', 'M', 'L'] }, unseen: 'error' })
 */
export function categorify(options: CategorifyOptions = {}): TabularProc {
  checkOptions('categorify', options, ['orders', 'unseen', 'missing', 'classesOf'])
  checkChoice('unseen', options.unseen, ['na', 'error'])
  if (!Array.isArray(options.missing)) checkChoice('missing', options.missing, ['na', 'error'])
  checkChoice('classesOf', options.classesOf, ['train', 'all'])
  const { orders = {}, classesOf = 'train', unseen = 'na', missing = 'na' } = options
  return {
    name: 'categorify',
    order: 1,
    fit: (train, roles, whole) => {
      checkNames('orders', Object.keys(orders), roles)
      if (typeof missing !== 'string') checkNames('missing', missing, roles)
      const classes = Object.fromEntries(
        roles.cats.map((name) => {
          const column = train.column(name)
          const { kind } = column
          const from = classesOf === 'all' && kind === 'text' ? whole.column(name) : column
          return [name, { kind, values: own(orders, name)?.map(String) ?? classesIn(from, name) }]
        }),
      )
      return new FittedCategorify({ classes, unseen, missing }, roles)
    },
  }
}

interface State {
  readonly classes: Readonly<Record<string, Classes>>
  readonly unseen: 'na' | 'error'
  readonly missing: MissingPolicy
}

/** Classes that were learned, and the codes that they have. */
export class FittedCategorify implements FittedProc {
  readonly name = 'categorify'
  readonly order = 1
  readonly #codes: ReadonlyMap<string, ReadonlyMap<string, number>>

  constructor(
    readonly state: State,
    readonly roles: Roles,
  ) {
    this.#codes = new Map(
      Object.entries(state.classes).map(([name, { values }]) => {
        const codes = new Map(values.map((v, i) => [v, i + 1]))
        const twice = values.find((v, i) => codes.get(v) !== i + 1)
        if (twice === undefined) return [name, codes]
        throw new EspalierError('procs/order', `categorify: column '${name}' has the class '${twice}' twice`)
      }),
    )
  }

  /** The classes of each column, `#na#` first, in the order of their codes. */
  get classes(): Readonly<Record<string, readonly string[]>> {
    return Object.fromEntries(
      Object.entries(this.state.classes).map(([name, { values }]) => [name, [naClass, ...values]]),
    )
  }

  encode(frame: Frame): Frame {
    const encoded = new Map(frame.names.map((name) => [name, frame.column(name)]))
    for (const name of Object.keys(this.state.classes)) encoded.set(name, this.#encode(frame, name))
    return new Frame(encoded)
  }

  decode(frame: Frame): Frame {
    const decoded = new Map(frame.names.map((name) => [name, frame.column(name)]))
    for (const [name, classes] of Object.entries(this.state.classes)) {
      const column = decoded.get(name)
      if (column) decoded.set(name, decodeCodes(column, classes, name))
    }
    return new Frame(decoded)
  }

  toJSON() {
    return { ...this.state, roles: this.roles } as unknown as { readonly [key: string]: Json }
  }

  #encode(frame: Frame, name: string): Column {
    const column = frame.column(name)
    const codes = this.#codes.get(name)!
    const found = new Int32Array(column.length)
    const known = new Map<number, number>()
    const { missing } = this.state
    const mayNotMiss = missing === 'error' || (missing !== 'na' && missing.includes(name))
    // Of equal values only the first is looked up.
    for (const i of firstPlaces(column)) known.set(column.data[i]!, codes.get(labelOf(column.at(i)!)) ?? 0)
    for (let i = 0; i < column.length; i++) {
      const gone = column.isMissing(i)
      const code = gone ? 0 : known.get(column.data[i]!)!
      if (code === 0 && (gone ? mayNotMiss : this.state.unseen === 'error'))
        throw this.#refused(frame, name, i)
      found[i] = code
    }
    return new Column('number', found)
  }

  #refused(frame: Frame, name: string, i: number): EspalierError {
    const value = frame.column(name).at(i)
    const row = rowNumber(frame, i)
    const { values } = this.state.classes[name]!
    return value === null
      ? new EspalierError('procs/missing', `row ${row} has no value in column '${name}'`, {
          fix: this.state.missing === 'error' ? "give one, or say categorify({ missing: 'na' })" : 'give one',
        })
      : new EspalierError(
          'procs/unseen',
          `row ${row} holds '${labelOf(value)}' in column '${name}', which no training row does`,
          {
            fix: `its classes are ${listed(values)}; say categorify({ unseen: 'na' }) to take others for #na#`,
          },
        )
  }
}

function checkNames(option: string, names: readonly string[], { cats }: Roles): void {
  const stray = names.find((name) => !cats.includes(name))
  if (stray === undefined) return
  throw new EspalierError('procs/order', `categorify: '${stray}' is no categorical column`, {
    fix: `${option} is for columns of catNames: ${listed(cats, 8)}`,
  })
}

/** The classes of a column: its values in order, numbers by size and texts by code point. */
function classesIn(column: Column, name: string): string[] {
  if (column.kind === 'date') {
    throw new EspalierError('procs/date', `column '${name}' holds dates, which are no categories`, {
      fix: `make parts of them: addDatepart(frame, '${name}')`,
    })
  }
  const values = column.unique()
  return column.kind === 'text'
    ? (values as string[]).sort(byCodePoint)
    : values.sort((a, b) => Number(a) - Number(b)).map(labelOf)
}

function labelOf(value: Exclude<Value, null>): string {
  return typeof value === 'object' ? textOf(value) : String(value)
}

function decodeCodes(column: Column, { kind, values }: Classes, name: string): Column {
  const n = column.length
  for (let i = 0; i < n; i++) {
    const code = column.data[i]!
    if (Number.isInteger(code) && code >= 0 && code <= values.length) continue
    throw new EspalierError(
      'procs/code',
      `row ${i} has the code ${code} in column '${name}', which has ${values.length} classes`,
    )
  }
  if (kind === 'text')
    return new Column(
      'text',
      Int32Array.from(column.data, (code) => code - 1),
      values,
    )
  const of = (v: string) => (kind === 'bool' ? Number(v === 'true') : Number(v))
  const numbers = [0, ...values.map(of)]
  const mask = Uint8Array.from(column.data, (code) => Number(code === 0))
  const data = Float64Array.from(column.data, (code) => numbers[code]!)
  if (kind === 'bool') return new Column('bool', Uint8Array.from(data), [], mask)
  if (data.every((v) => v === (v | 0))) return new Column('number', Int32Array.from(data), [], mask)
  return new Column(
    'number',
    data.map((v, i) => (mask[i] ? Number.NaN : v)),
  )
}

function checkChoice(option: string, value: unknown, known: readonly string[]): void {
  if (value === undefined || known.includes(value as string)) return
  throw new EspalierError(
    'procs/option',
    `categorify: ${option} must be ${known.map((k) => `'${k}'`).join(' or ')}, got ${describe(value)}`,
  )
}
