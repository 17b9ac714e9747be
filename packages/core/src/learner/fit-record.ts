import type { LossHistory } from '../report/plot-losses.js'

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
