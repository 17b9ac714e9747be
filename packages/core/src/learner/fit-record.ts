import type { Json } from '@espalier/data'
import type { LossHistory } from '../report/plot-losses.js'
import type { FitAbout } from './fit-about.js'
import { packNumbers, unpackNumbers } from './packed.js'

/** A row of the table: the numbers of one epoch, `undefined` where there was nothing to measure. */
export type EpochRow = readonly (number | undefined)[]

/** What was written down of a fit. */
export interface FitRecord {
  /** What the fit was to do; nothing where the recorder was not told. */
  about?: FitAbout
  /** True where a checkpoint brought it back, wholly or in part. */
  restored?: boolean
  /** The titles of the numbers in a row. */
  readonly columns: readonly string[]
  /** Smoothed training loss after each step. */
  readonly losses: number[]
  /** The loss of each step as it was. */
  readonly rawLosses: number[]
  /** Learning rate of the last group at each step. */
  readonly lrs: number[]
  /** Momentum of the last group at each step. */
  readonly moms: number[]
  /** Every hyper-parameter of the last group that was scheduled, at each step. */
  readonly hps: Record<string, number[]>
  /** Steps done at the end of each epoch. */
  readonly iters: number[]
  /** Per epoch: training loss, validation loss, metrics. */
  readonly values: EpochRow[]
  /** Seconds each epoch took. */
  readonly seconds: number[]
}

/** A record with nothing in it but its titles. */
export function emptyRecord(columns: readonly string[] = []): FitRecord {
  return {
    columns,
    losses: [],
    rawLosses: [],
    lrs: [],
    moms: [],
    hps: {},
    iters: [],
    values: [],
    seconds: [],
  }
}

/** Several fits as if they had been one, under the titles of the last. */
export function joinRecords(records: readonly FitRecord[]): FitRecord {
  const columns = records.at(-1)?.columns ?? []
  const joined = emptyRecord(columns)
  for (const r of records) {
    const steps = joined.rawLosses.length
    for (const key of ['losses', 'rawLosses', 'lrs', 'moms', 'seconds'] as const) add(joined[key], r[key])
    for (const n of r.iters) joined.iters.push(steps + n)
    for (const row of r.values) joined.values.push(columns.map((name) => numberIn(r, row, name)))
    for (const [name, values] of Object.entries(r.hps)) {
      // Where it was not scheduled, it is not known.
      const before = joined.hps[name] ?? []
      const unknown = new Array<number>(steps - before.length).fill(Number.NaN)
      joined.hps[name] = [...before, ...unknown, ...values]
    }
  }
  return joined
}

function add(list: number[], more: readonly number[]): void {
  for (const value of more) list.push(value)
}

function numberIn({ columns }: FitRecord, row: EpochRow, name: string): number | undefined {
  const at = columns.indexOf(name)
  return at < 0 ? undefined : row[at]
}

/** The losses of a record as they are plotted. */
export function lossHistory(record: FitRecord): LossHistory {
  const { losses, values, iters } = record
  const valid = values.flatMap((row, i) => {
    const loss = numberIn(record, row, 'valid_loss')
    return loss === undefined ? [] : [{ step: iters[i]!, loss }]
  })
  return { train: [...losses], valid }
}

/** Rows as data: what was not measured is not a number. */
interface PackedRows {
  readonly rows: readonly string[]
  readonly measured: readonly (readonly boolean[])[]
}

/** Rows as data, exact to the last bit. */
export function packRows(rows: readonly EpochRow[]): Json {
  return {
    rows: rows.map((row) => packNumbers(row.map((v) => v ?? Number.NaN))),
    measured: rows.map((row) => row.map((v) => v !== undefined)),
  }
}

/** The rows that {@link packRows} packed. */
export function unpackRows(packed: Json | undefined): EpochRow[] {
  const { rows, measured } = packed as unknown as PackedRows
  return rows.map((row, i) => {
    const numbers = unpackNumbers(row)
    return (measured[i] ?? []).map((there, j) => (there ? numbers[j] : undefined))
  })
}

const lists = ['losses', 'rawLosses', 'lrs', 'moms', 'iters', 'seconds'] as const

/** A record as data, exact to the last bit; its titles are those of the recorder that reads it. */
export function packRecord(record: FitRecord): Json {
  const packed = Object.fromEntries(lists.map((key) => [key, packNumbers(record[key])]))
  const hps = Object.entries(record.hps).map(([name, values]) => [name, packNumbers(values)])
  const about = record.about && { about: record.about as unknown as Json }
  return { ...packed, ...about, hps: Object.fromEntries(hps), values: packRows(record.values) }
}

/** The record that {@link packRecord} packed. */
export function unpackRecord(packed: Json): Omit<FitRecord, 'columns'> {
  const record = packed as Readonly<Record<string, Json>>
  const hps = Object.entries(record['hps'] as Record<string, Json>)
  const [losses, rawLosses, lrs, moms, iters, seconds] = lists.map((key) => unpackNumbers(record[key]))
  return {
    ...(record['about'] && { about: record['about'] as unknown as FitAbout }),
    losses: losses!,
    rawLosses: rawLosses!,
    lrs: lrs!,
    moms: moms!,
    iters: iters!,
    seconds: seconds!,
    hps: Object.fromEntries(hps.map(([name, values]) => [name, unpackNumbers(values)])),
    values: unpackRows(record['values']),
  }
}
