import { checkOptions, describe, EspalierError, type Json } from '@espalier/data'
import { Column } from '../frame/column.js'
import { Frame } from '../frame/frame.js'
import { own } from '../frame/own.js'
import { known, quantile } from '../frame/statistics.js'
import type { DecodeRowsOptions, FittedProc, Roles, TabularProc } from './proc.js'
import { rowNumber } from './row-number.js'

/** What takes the place of missing numbers. */
export interface FillMissingOptions {
  /** The median or the most frequent value of the training rows, or a constant. Default `'median'`. */
  readonly fillStrategy?: 'median' | 'mode' | 'constant'
  /** Adds a categorical column `<name>_na` that says where values were missing. Default true. */
  readonly addCol?: boolean
  /** The constants, by column. Default 0. */
  readonly fillVals?: Readonly<Record<string, number>>
  /**
   * What a missing value is in a column that misses none in the training rows: an error that names it, or filled as
   * others are, without a flag. Default `'error'`.
   */
  readonly unseen?: 'error' | 'fill'
}

/**
 * Fills numbers that are missing (fastai's `FillMissing`); what it fills in is learned from the training rows.
 *
 * @example
 * fillMissing({ fillStrategy: 'constant', fillVals: { age: -1 } })
 */
export function fillMissing(options: FillMissingOptions = {}): TabularProc {
  checkOptions('fillMissing', options, ['fillStrategy', 'addCol', 'fillVals', 'unseen'])
  const { fillStrategy = 'median', addCol = true, fillVals = {}, unseen = 'error' } = options
  if (!(fillStrategy in strategies)) {
    throw new EspalierError('procs/option', `fillMissing: there is no strategy ${describe(fillStrategy)}`, {
      fix: `say one of ${Object.keys(strategies).join(', ')}`,
    })
  }
  return {
    name: 'fillMissing',
    order: 0,
    fit: (train, roles) => {
      const fills: Record<string, number> = {}
      const flagged: string[] = []
      for (const name of roles.conts) {
        const column = numeric(train, name)
        const values = known(column.numbers())
        const missing = values.length < column.length
        if (!missing && unseen === 'error') continue
        if (values.length === 0 && fillStrategy !== 'constant') {
          throw new EspalierError(
            'procs/all-missing',
            `column '${name}' has no value in the training rows: there is no ${fillStrategy} to fill in`,
            {
              fix: `leave it out of contNames, or say fillMissing({ fillStrategy: 'constant' })`,
            },
          )
        }
        fills[name] = strategies[fillStrategy](values, own(fillVals, name) ?? 0)
        if (missing) flagged.push(name)
      }
      const flags = addCol ? flagged : []
      const cats = [
        ...roles.cats,
        ...flags.map((name) => `${name}_na`).filter((flag) => !roles.cats.includes(flag)),
      ]
      return new FittedFillMissing({ fills, flags }, { cats, conts: roles.conts })
    },
  }
}

interface State {
  /** What is filled in, by column. */
  readonly fills: Readonly<Record<string, number>>
  /** The columns with a flag. */
  readonly flags: readonly string[]
}

/** Numbers to fill in that were learned. */
export class FittedFillMissing implements FittedProc {
  readonly name = 'fillMissing'
  readonly order = 0

  constructor(
    readonly state: State,
    readonly roles: Roles,
  ) {}

  encode(frame: Frame): Frame {
    const { fills, flags } = this.state
    const filled = new Map(frame.names.map((name) => [name, frame.column(name)]))
    for (const name of this.roles.conts) {
      const column = numeric(frame, name)
      const missing = Uint8Array.from({ length: column.length }, (_, i) => Number(column.isMissing(i)))
      const first = missing.indexOf(1)
      if (flags.includes(name)) filled.set(`${name}_na`, new Column('bool', missing))
      if (first < 0) continue
      const fill = own(fills, name)
      if (fill === undefined) throw unseen(name, rowNumber(frame, first))
      filled.set(
        name,
        new Column(
          'number',
          column.numbers().map((v) => (Number.isNaN(v) ? fill : v)),
        ),
      )
    }
    return new Frame(filled)
  }

  decode(frame: Frame, { filled = false }: DecodeRowsOptions = {}): Frame {
    const decoded = new Map(frame.names.map((name) => [name, frame.column(name)]))
    for (const name of this.state.flags) {
      const flag = decoded.get(`${name}_na`)
      const column = decoded.get(name)
      decoded.delete(`${name}_na`)
      if (!flag || !column || filled) continue
      const values = column.numbers().map((v, i) => (flag.data[i] === 1 ? Number.NaN : v))
      const whole = !column.isFloat
      decoded.set(
        name,
        whole
          ? new Column(
              'number',
              Int32Array.from(values),
              [],
              Uint8Array.from(values, (v) => Number(Number.isNaN(v))),
            )
          : new Column('number', values),
      )
    }
    return new Frame(decoded)
  }

  toJSON() {
    return { ...this.state, roles: this.roles } as unknown as { readonly [key: string]: Json }
  }
}

/** Values as they are needed: known numbers, of which there is at least one but for constants. */
const strategies: Readonly<
  Record<'median' | 'mode' | 'constant', (values: Float64Array, constant: number) => number>
> = {
  median: (values) => quantile(values.sort(), 0.5),
  mode(values) {
    const counts = new Map<number, number>()
    for (const v of values) counts.set(v, (counts.get(v) ?? 0) + 1)
    let best = values[0]!
    for (const [v, n] of counts) if (n > counts.get(best)!) best = v
    return best
  },
  constant: (_, constant) => constant,
}

/** The column of a name, if numbers can be read from it; throws, with the row that stands in the way, if not. */
export function numeric(frame: Frame, name: string): Column {
  const column = frame.column(name)
  if (column.kind === 'number' || column.kind === 'bool' || column.missing === column.length) return column
  if (column.kind === 'date') {
    throw new EspalierError('procs/kind', `column '${name}' holds dates and cannot be continuous`, {
      fix: `make parts of them: addDatepart(frame, '${name}')`,
    })
  }
  const isNumber = column.vocab.map((text) => text.trim() !== '' && Number.isFinite(Number(text)))
  const odd = Array.from(column.data).findIndex((code) => code >= 0 && !isNumber[code])
  const mixed = odd >= 0 && isNumber.includes(true)
  throw new EspalierError(
    'procs/kind',
    `column '${name}' holds texts and cannot be continuous${mixed ? `: row ${rowNumber(frame, odd)} holds '${column.at(odd)}'` : ''}`,
    {
      fix: mixed
        ? `if it stands for a missing value read the table with naValues: ['', '${column.at(odd)}']; else name the column in catNames`
        : 'give numbers; a column that holds texts from the start belongs in catNames',
    },
  )
}

function unseen(name: string, row: number): EspalierError {
  return new EspalierError(
    'procs/missing',
    `row ${row} has no value in column '${name}', where no training row misses one`,
    {
      fix: "give one, or say fillMissing({ unseen: 'fill' })",
    },
  )
}
