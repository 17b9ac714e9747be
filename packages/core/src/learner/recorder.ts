import { EspalierError, type Json } from '@espalier/data'
import { avgLoss, type Metric, type MetricInput } from '../metrics/metric.js'
import type { Saved } from '../nn/saved.js'
import type { Figure } from '../report/figure.js'
import { plotLosses } from '../report/plot-losses.js'
import { plotSchedule } from '../report/plot-schedule.js'
import type { Callback } from './callback.js'
import type { BatchEndState, FitState } from './events.js'
import { aboutFit } from './fit-about.js'
import {
  type EpochRow,
  emptyRecord,
  type FitRecord,
  lossHistory,
  packRecord,
  packRows,
  unpackRecord,
  unpackRows,
} from './fit-record.js'
import { packNumbers, unpackNumbers } from './packed.js'

/** What a recorder measures; a learner's own has fastai's defaults. */
export interface RecorderOptions {
  /** Also the metrics over the batches of training, as the model was when it saw them. Default false. */
  readonly trainMetrics?: boolean
  /** Loss and metrics over the validation set. Default true. */
  readonly validMetrics?: boolean
  /** Shows how long each epoch took. Default true. */
  readonly addTime?: boolean
  /** How slowly the training loss is smoothed. Default 0.98. */
  readonly beta?: number
  /** Milliseconds. */
  readonly now?: () => number
}

/** How far a recorder is in the middle of an epoch, as data. */
interface Progress {
  /** The average and the time of the epoch so far. */
  readonly average: string
  readonly record: Json
  readonly train: Json
  readonly metrics: readonly Json[] | null
}

/**
 * Writes down what happens in a fit (fastai's `Recorder`): losses and hyper-parameters per step, a row per epoch. The
 * training loss is a debiased moving average over the whole fit; validation loss and metrics are means over rows. Of
 * a training or a validation that was cancelled nothing is measured.
 *
 * @example
 * learn.recorder.trainMetrics = true
 * await learn.fit(3) // train_loss, train_accuracy, valid_loss, valid_accuracy
 */
export class Recorder implements Callback {
  readonly name = 'recorder'
  readonly order = 50
  trainMetrics: boolean
  validMetrics: boolean
  addTime: boolean
  readonly beta: number
  /** What was written down of every fit so far, the present or last one at the end. */
  readonly fits: FitRecord[] = []
  readonly #clock: () => number
  readonly #validLoss = avgLoss()
  #now = emptyRecord()
  #average = 0
  #began = 0
  #training = false
  #cancelled = false
  /** What was measured of this epoch. */
  #train: EpochRow = []
  #valid: EpochRow = []

  constructor(
    readonly metrics: readonly Metric[],
    {
      trainMetrics = false,
      validMetrics = true,
      addTime = true,
      beta = 0.98,
      now = () => performance.now(),
    }: RecorderOptions = {},
  ) {
    if (!(beta >= 0 && beta < 1)) {
      throw new EspalierError('recorder/beta', `beta must be a number from 0 to below 1, got ${beta}`, {
        fix: 'leave it out for 0.98',
      })
    }
    this.trainMetrics = trainMetrics
    this.validMetrics = validMetrics
    this.addTime = addTime
    this.beta = beta
    this.#clock = now
  }

  /** The titles of the numbers in a row. */
  get columns(): readonly string[] {
    return [...this.#trainColumns, ...this.#validColumns]
  }

  get #trainColumns(): readonly string[] {
    const prefix = this.validMetrics ? 'train_' : ''
    return ['train_loss', ...(this.trainMetrics ? this.metrics.map((m) => prefix + m.name) : [])]
  }

  get #validColumns(): readonly string[] {
    const prefix = this.trainMetrics ? 'valid_' : ''
    return this.validMetrics ? ['valid_loss', ...this.metrics.map((m) => prefix + m.name)] : []
  }

  /** Smoothed training loss after each step. */
  get losses(): readonly number[] {
    return this.#now.losses
  }

  /** The loss of each step as it was. */
  get rawLosses(): readonly number[] {
    return this.#now.rawLosses
  }

  /** Learning rate of the last group at each step. */
  get lrs(): readonly number[] {
    return this.#now.lrs
  }

  /** Momentum of the last group at each step. */
  get moms(): readonly number[] {
    return this.#now.moms
  }

  /** Every scheduled hyper-parameter by name: its value for the last group at each step. */
  get hps(): Readonly<Record<string, readonly number[]>> {
    return this.#now.hps
  }

  /** Steps done at the end of each epoch. */
  get iters(): readonly number[] {
    return this.#now.iters
  }

  /** A row per epoch, under the titles of {@link columns}. */
  get values(): readonly EpochRow[] {
    return this.#now.values
  }

  /** Seconds each epoch took. */
  get seconds(): readonly number[] {
    return this.#now.seconds
  }

  /** The smoothed training loss now. */
  get smoothLoss(): number {
    return this.losses.at(-1) ?? 0
  }

  beforeFit(s?: FitState): void {
    this.#now = emptyRecord(this.columns)
    if (s) this.#now.about = aboutFit(s)
    this.fits.push(this.#now)
    this.#average = 0
  }

  /** Writes down a hyper-parameter of this step: a scheduler does so for each that it sets. */
  keep(name: string, value: number): void {
    const { hps } = this.#now
    const list = hps[name] ?? []
    list.push(value)
    hps[name] = list
  }

  beforeEpoch(): void {
    this.#began = this.#clock()
    this.#train = this.#trainColumns.map(() => undefined)
    this.#valid = this.#validColumns.map(() => undefined)
  }

  beforeTrain(): void {
    this.#begin(true)
    if (this.trainMetrics) for (const m of this.metrics) m.reset()
  }

  beforeValidate(): void {
    this.#begin(false)
    this.reset()
  }

  #begin(training: boolean): void {
    this.#training = training
    this.#cancelled = false
  }

  /** Begins loss and metrics anew. */
  reset(): void {
    for (const m of [this.#validLoss, ...this.metrics]) m.reset()
  }

  afterBatch(s: BatchEndState): void {
    const { pred, loss } = s
    if (pred === undefined || loss === undefined) return
    const input = { pred, targets: s.y, loss, bs: s.batch.indices.length }
    if (s.training) {
      this.#average = towards(this.#average, loss, this.beta)
      this.#write(loss, s.learn.opt.hypers.at(-1) ?? {})
      if (this.trainMetrics) for (const m of this.metrics) m.accumulate(input)
    } else if (this.validMetrics) this.accumulate(input)
  }

  #write(loss: number, last: Readonly<Record<string, number>>): void {
    const { losses, rawLosses, lrs, moms } = this.#now
    rawLosses.push(loss)
    losses.push(Math.fround(this.#average / (1 - this.beta ** rawLosses.length)))
    lrs.push(last['lr'] ?? 0)
    moms.push(last['mom'] ?? 0)
  }

  /** Takes a batch of validation into loss and metrics. */
  accumulate(input: MetricInput): void {
    for (const m of [this.#validLoss, ...this.metrics]) m.accumulate(input)
  }

  /** Validation loss and metrics over what was accumulated. */
  measured(): EpochRow {
    return [this.#validLoss.value(), ...this.metrics.map((m) => m.value())]
  }

  afterCancelTrain(): void {
    this.#cancelled = true
  }

  afterTrain(): void {
    this.#training = false
    if (this.#cancelled) return
    const metrics = this.trainMetrics ? this.metrics.map((m) => m.value()) : []
    this.#train = [this.losses.at(-1), ...metrics]
  }

  afterCancelValidate(): void {
    this.#cancelled = true
  }

  afterValidate(): void {
    if (this.validMetrics && !this.#cancelled) this.#valid = this.measured()
  }

  afterEpoch(): void {
    const { rawLosses, iters, values, seconds } = this.#now
    values.push([...this.#train, ...this.#valid])
    iters.push(rawLosses.length)
    seconds.push((this.#clock() - this.#began) / 1000)
  }

  saveState(): Saved {
    const halfway = this.#training && this.trainMetrics
    const progress: Progress = {
      average: packNumbers([this.#average, this.#clock() - this.#began]),
      record: packRecord(this.#now),
      train: packRows([this.#train]),
      metrics: halfway ? this.metrics.map(partOf) : null,
    }
    return { data: progress as unknown as Json }
  }

  loadState({ data }: Saved): void {
    const { average, record, train, metrics } = data as unknown as Progress
    const [value = 0, passed = 0] = unpackNumbers(average)
    this.#average = value
    this.#began = this.#clock() - passed
    this.#train = unpackRows(train)[0] ?? []
    Object.assign(this.#now, unpackRecord(record), { restored: true })
    for (const [i, part] of (metrics ?? []).entries()) this.metrics[i]?.loadState?.(part)
  }

  /**
   * Training and validation loss over the steps of the fit (fastai's `plot_loss`), without the first steps, where the
   * average has little to average.
   */
  plotLoss({ skipStart = 5, withValid = true } = {}): Figure {
    const { train, valid = [] } = lossHistory(this.#now)
    return plotLosses({ train, valid: withValid ? valid : [] }, { skipStart })
  }

  /** Learning rate, momentum and whatever else was scheduled, or some of it by name (fastai's `plot_sched`). */
  plotSched(keys?: readonly string[]): Figure {
    const all = { lr: this.lrs, mom: this.moms, ...this.hps }
    const wrong = keys?.find((key) => !Object.hasOwn(all, key))
    if (wrong !== undefined) {
      throw new EspalierError('recorder/keys', `'${wrong}' was not scheduled in this fit`, {
        fix: `choose from ${Object.keys(all).join(', ')}`,
      })
    }
    const chosen = Object.entries(all).filter(([key]) => keys === undefined || keys.includes(key))
    return plotSchedule({ hps: Object.fromEntries(chosen) })
  }
}

/** What a metric has taken in of a training that is not over. */
function partOf(metric: Metric): Json {
  if (metric.saveState && metric.loadState) return metric.saveState()
  throw new EspalierError(
    'recorder/metric',
    `the metric '${metric.name}' cannot be saved in the middle of an epoch`,
    { fix: 'give it saveState and loadState, or leave out trainMetrics' },
  )
}

/** One step of the moving average, in float32 as fastai takes it: tables agree to the last printed digit. */
function towards(average: number, loss: number, beta: number): number {
  const f = Math.fround
  return f(average - f(f(average - loss) * f(1 - f(beta))))
}
