import type { Json } from '@espalier/data'
import type { LossHistory } from '../report/plot-losses.js'
import { packNumbers, unpackNumbers } from './packed.js'

/** A row of the table: the numbers of one epoch, `undefined` where there was nothing to measure. */
export type EpochRow = readonly (number | undefined)[]

/** What was written down of a fit. */
export interface FitRecord {
  /** Smoothed training loss after each step. */
  readonly losses: number[]
  /** The loss of each step as it was. */
  readonly rawLosses: number[]
  /** Learning rate of the last group at each step. */
  readonly lrs: number[]
  /** Momentum of the last group at each step. */
  readonly moms: number[]
  /** Steps done at the end of each epoch. */
  readonly iters: number[]
  /** Per epoch: training loss, validation loss, metrics. */
  readonly values: EpochRow[]
  /** Seconds each epoch took. */
  readonly seconds: number[]
}

/** A record with nothing in it. */
export function emptyRecord(): FitRecord {
  return { losses: [], rawLosses: [], lrs: [], moms: [], iters: [], values: [], seconds: [] }
}

/** Several fits as if they had been one. */
export function joinRecords(records: readonly FitRecord[]): FitRecord {
  let steps = 0
  const iters = records.flatMap((r) => {
    const before = steps
    steps += r.rawLosses.length
    return r.iters.map((n) => before + n)
  })
  const list = <K extends keyof FitRecord>(key: K) =>
    records.flatMap((r): unknown[] => r[key]) as FitRecord[K]
  const [losses, rawLosses, lrs, moms] = [list('losses'), list('rawLosses'), list('lrs'), list('moms')]
  return { losses, rawLosses, lrs, moms, iters, values: list('values'), seconds: list('seconds') }
}

/** The losses of a record as they are plotted. */
export function lossHistory({ losses, values, iters }: FitRecord): LossHistory {
  const valid = values.flatMap(([, loss], i) => (loss === undefined ? [] : [{ step: iters[i]!, loss }]))
  return { train: [...losses], valid }
}

const lists = ['losses', 'rawLosses', 'lrs', 'moms', 'iters', 'seconds'] as const

/** A record as data, exact to the last bit. */
export function packRecord(record: FitRecord): Json {
  const packed = Object.fromEntries(lists.map((key) => [key, packNumbers(record[key])]))
  // What was not measured is not a number.
  const rows = record.values.map((row) => packNumbers(row.map((v) => v ?? Number.NaN)))
  const measured = record.values.map((row) => row.map((v) => v !== undefined))
  return { ...packed, rows, measured }
}

/** The record that {@link packRecord} packed. */
export function unpackRecord(packed: Json): FitRecord {
  const { rows, measured, ...rest } = packed as Record<string, Json> & {
    readonly rows: readonly string[]
    readonly measured: readonly (readonly boolean[])[]
  }
  const values = rows.map((row, i) => {
    const numbers = unpackNumbers(row)
    return (measured[i] ?? []).map((there, j) => (there ? numbers[j] : undefined))
  })
  const [losses, rawLosses, lrs, moms, iters, seconds] = lists.map((key) => unpackNumbers(rest[key]))
  return {
    losses: losses!,
    rawLosses: rawLosses!,
    lrs: lrs!,
    moms: moms!,
    iters: iters!,
    seconds: seconds!,
    values,
  }
}
