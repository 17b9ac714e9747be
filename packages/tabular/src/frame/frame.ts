import type { Table } from '@espalier/core'
import { checkOptions, describe, describeNumber, EspalierError, listed, Random } from '@espalier/data'
import type { Column, Columns, Value } from './column.js'
import { type ColumnLike, columnOf } from './column-of.js'
import { concatFrames } from './concat.js'
import { describeFrame, descriptions } from './describe-frame.js'
import { aggregated, type GroupedFrame, groupsOf } from './group-by.js'
import { type JoinOptions, joinFrames } from './join.js'
import { missingColumn } from './missing-column.js'
import { own } from './own.js'
import { sortedPlaces } from './sort.js'
import { tableOf } from './table-of.js'
import { type ToCsvOptions, toCsv } from './to-csv.js'

/** A row as an object with a key for each column. */
export type Row = Readonly<Record<string, Value>>

/** How a sample is drawn. */
export interface SampleOptions {
  /** Default 42. */
  readonly seed?: number
  /** True may draw a row more than once. Default false. */
  readonly replace?: boolean
}

/**
 * A small table of columns over typed arrays. Its verbs make new frames, which share the columns that did not change.
 *
 * @example
 * const frame = await readCsv('adult.csv')
 * frame.filter((row) => row.age > 30).sort('age').head(3).show().toText()
 * frame.column('age').at(0) // 39
 */
export class Frame {
  readonly #columns: Columns
  readonly length: number

  constructor(columns: Columns) {
    this.#columns = new Map(columns)
    const [first] = this.#columns
    this.length = first?.[1].length ?? 0
    for (const [name, column] of this.#columns) {
      if (column.length === this.length) continue
      throw new EspalierError(
        'frame/length',
        `column '${name}' has ${column.length} rows, column '${first![0]}' has ${this.length}`,
        { fix: 'give every column a value for each row: null where there is none' },
      )
    }
  }

  /**
   * A frame of columns by name.
   *
   * @example
   * Frame.fromColumns({ age: [39, 50, null], job: ['clerk', 'clerk', 'cook'] })
   */
  static fromColumns(columns: Readonly<Record<string, ColumnLike>>): Frame {
    return new Frame(new Map(Object.entries(columns).map(([name, v]) => [name, columnOf(v, name)])))
  }

  /** A frame of rows: objects with a key for each column; a key that a row does not have is missing there. */
  static fromRows(rows: readonly Readonly<Record<string, unknown>>[], names?: readonly string[]): Frame {
    checkRows(rows)
    const all = names ?? [...new Set(rows.flatMap((row) => Object.keys(row)))]
    return new Frame(
      new Map(
        all.map((name) => [
          name,
          columnOf(
            rows.map((row) => own(row, name)),
            name,
          ),
        ]),
      ),
    )
  }

  get names(): readonly string[] {
    return [...this.#columns.keys()]
  }

  has(name: string): boolean {
    return this.#columns.has(name)
  }

  /** A column by its name; throws, with the nearest name, where there is none. */
  column(name: string): Column {
    const found = this.#columns.get(name)
    if (found) return found
    throw missingColumn(name, this.names)
  }

  /** The columns of these names, in this order. */
  select(names: readonly string[]): Frame {
    return new Frame(new Map(names.map((name) => [name, this.column(name)])))
  }

  /** All columns but these. */
  drop(names: readonly string[]): Frame {
    for (const name of names) this.column(name)
    return this.select(this.names.filter((name) => !names.includes(name)))
  }

  /** The same columns, some under other names. */
  rename(to: Readonly<Record<string, string>>): Frame {
    for (const name of Object.keys(to)) this.column(name)
    const names = this.names.map((name) => own(to, name) ?? name)
    const twice = names.find((name, i) => names.indexOf(name) !== i)
    if (twice !== undefined)
      throw new EspalierError('frame/name', `rename would give two columns the name '${twice}'`)
    return new Frame(new Map(names.map((name, i) => [name, this.column(this.names[i]!)])))
  }

  /** The frame with further columns, or with others in place of some: values, or a function of a row. */
  assign(columns: Readonly<Record<string, ColumnLike | ((row: Row, i: number) => unknown)>>): Frame {
    const all = new Map(this.#columns)
    for (const [name, made] of Object.entries(columns)) {
      const values = typeof made === 'function' ? this.#each(made) : made
      all.set(name, columnOf(values, name))
    }
    return new Frame(all)
  }

  /** The frame with a column whose every value a function has changed. */
  map(name: string, f: (value: Value, i: number) => unknown): Frame {
    return this.assign({ [name]: this.column(name).values().map(f) })
  }

  /** The rows that a function, or a mask, keeps. */
  filter(keep: ((row: Row, i: number) => boolean) | ArrayLike<boolean | number>): Frame {
    const kept = typeof keep === 'function' ? this.#each(keep) : keep
    if (kept.length !== this.length) {
      throw new EspalierError('frame/mask', `the mask has ${kept.length} entries for ${this.length} rows`)
    }
    const places: number[] = []
    for (let i = 0; i < this.length; i++) if (kept[i]) places.push(i)
    return this.take(places)
  }

  /** The rows at some places, in that order. */
  take(places: ArrayLike<number>): Frame {
    for (let k = 0; k < places.length; k++) {
      const i = places[k]!
      if (Number.isInteger(i) && i >= 0 && i < this.length) continue
      throw new EspalierError('frame/row', `there is no row ${describeNumber(i)} among ${this.length}`)
    }
    return new Frame(new Map([...this.#columns].map(([name, column]) => [name, column.take(places)])))
  }

  /** The first rows. */
  head(n = 5): Frame {
    return this.take(Array.from({ length: Math.min(n, this.length) }, (_, i) => i))
  }

  /** The rows in the order of one or several columns, those that are equal as they were; missing values come last. */
  sort(by: string | readonly string[], { descending = false } = {}): Frame {
    return this.take(
      sortedPlaces(
        [by].flat().map((name) => this.column(name)),
        descending,
      ),
    )
  }

  /** So many random rows: a function of seed and length alone. */
  sample(n: number, options: SampleOptions = {}): Frame {
    checkOptions('sample', options, ['seed', 'replace'])
    const { seed = 42, replace = false } = options
    if (!Number.isInteger(n) || n < 0 || (!replace && n > this.length)) {
      throw new EspalierError('frame/sample', `cannot draw ${describeNumber(n)} of ${this.length} rows`, {
        fix: 'say how many rows, or replace: true to draw rows more than once',
      })
    }
    const random = new Random(seed, 'frame-sample')
    if (replace) return this.take(Array.from({ length: n }, () => random.int(this.length)))
    return this.take(random.permutation(this.length).slice(0, n))
  }

  /** The rows beside those of another frame that hold the same in the columns `on`. */
  join(other: Frame, options: JoinOptions): Frame {
    return new Frame(joinFrames(this, other, options))
  }

  /** Groups of rows that hold the same in some columns. */
  groupBy(by: string | readonly string[]): GroupedFrame {
    const names = [by].flat()
    const groups = groupsOf(this, names)
    return { groups, agg: (columns) => new Frame(aggregated(this, names, groups, columns)) }
  }

  /** The rows of this frame and then those of others with the same columns. */
  concat(...others: readonly Frame[]): Frame {
    return new Frame(concatFrames([this, ...others]))
  }

  /** Of each column: kind, how many are there, missing and distinct, and of numbers mean, spread and quartiles. */
  describe(): Frame {
    return Frame.fromRows(describeFrame(this), descriptions)
  }

  row(i: number): Row {
    return Object.fromEntries([...this.#columns].map(([name, column]) => [name, column.at(i)]))
  }

  /** All rows as objects. */
  rows(): Row[] {
    return Array.from({ length: this.length }, (_, i) => this.row(i))
  }

  *[Symbol.iterator](): IterableIterator<Row> {
    for (let i = 0; i < this.length; i++) yield this.row(i)
  }

  /** The first rows as a table that can be printed, or shown in a notebook. */
  show(n = 10): Table {
    return tableOf(this.head(n))
  }

  /** The frame as text: a header, a line for each row; what a spreadsheet would take for a formula is disarmed. */
  toCsv(options?: ToCsvOptions): string {
    return toCsv(this, options)
  }

  /** The size of the data in bytes, the texts of vocabularies aside. */
  get bytes(): number {
    let bytes = 0
    for (const { data, mask } of this.#columns.values()) bytes += data.byteLength + (mask?.byteLength ?? 0)
    return bytes
  }

  /** What a function says of each row, one row at a time. */
  #each<T>(f: (row: Row, i: number) => T): T[] {
    return Array.from({ length: this.length }, (_, i) => f(this.row(i), i))
  }

  toString(): string {
    return `Frame of ${this.length} rows: ${listed(
      this.names.map((name) => `${name} (${this.column(name).dtype})`),
      8,
    )}`
  }
}

function checkRows(rows: unknown): void {
  const wrong = Array.isArray(rows)
    ? rows.findIndex((row) => typeof row !== 'object' || row === null || Array.isArray(row))
    : 0
  if (Array.isArray(rows) && wrong < 0) return
  throw new EspalierError(
    'frame/rows',
    `a frame is made of a list of rows, got ${describe(Array.isArray(rows) ? rows[wrong] : rows)}${Array.isArray(rows) ? ` as row ${wrong}` : ''}`,
    { fix: "give objects with a key for each column: Frame.fromRows([{ age: 39, job: 'clerk' }])" },
  )
}
