import type { Json } from '@espalier/data'
import { avgLoss, type Metric, type MetricInput } from '../metrics/metric.js'
import type { Saved } from '../nn/saved.js'
import type { Figure } from '../report/figure.js'
import { plotLosses } from '../report/plot-losses.js'
import { plotSchedule } from '../report/plot-schedule.js'
import type { Callback } from './callback.js'
import type { BatchEndState } from './events.js'
import {
  type EpochRow,
  emptyRecord,
  type FitRecord,
  lossHistory,
  packRecord,
  unpackRecord,
} from './fit-record.js'
import { packNumbers, unpackNumbers } from './packed.js'

/**
 * Writes down what happens in a fit (fastai's `Recorder`): losses and learning rates per step, a row per epoch. The
 * training loss is a debiased moving average over the whole fit; validation loss and metrics are means over rows.
 */
export class Recorder implements Callback {
  readonly name = 'recorder'
  readonly order = 50
  /** What was written down of every fit so far, the present or last one at the end. */
  readonly fits: FitRecord[] = []
  #now = emptyRecord()
  readonly #validLoss = avgLoss()
  #average = 0
  #began = 0

  constructor(
    readonly metrics: readonly Metric[],
    readonly beta = 0.98,
    readonly now: () => number = () => performance.now(),
  ) {}

  /** The titles of the numbers in a row. */
  get columns(): readonly string[] {
    return ['train_loss', 'valid_loss', ...this.metrics.map((m) => m.name)]
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

  /** Steps done at the end of each epoch. */
  get iters(): readonly number[] {
    return this.#now.iters
  }

  /** Per epoch: training loss, validation loss, metrics. */
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

  beforeFit(): void {
    this.#now = emptyRecord()
    this.fits.push(this.#now)
    this.#average = 0
  }

  beforeEpoch(): void {
    this.#began = this.now()
    this.reset()
  }

  beforeValidate(): void {
    this.reset()
  }

  /** Begins the metrics anew. */
  reset(): void {
    for (const m of [this.#validLoss, ...this.metrics]) m.reset()
  }

  afterBatch(s: BatchEndState): void {
    const { pred, loss } = s
    if (pred === undefined || loss === undefined) return
    if (s.training) {
      this.#average = towards(this.#average, loss, this.beta)
      const { losses, rawLosses, lrs, moms } = this.#now
      rawLosses.push(loss)
      losses.push(Math.fround(this.#average / (1 - this.beta ** rawLosses.length)))
      const last = s.learn.opt.hypers.at(-1)
      lrs.push(last?.['lr'] ?? 0)
      moms.push(last?.['mom'] ?? 0)
    } else this.accumulate({ pred, targets: s.y, loss, bs: s.batch.indices.length })
  }

  /** Takes a batch of validation into the metrics. */
  accumulate(input: MetricInput): void {
    for (const m of [this.#validLoss, ...this.metrics]) m.accumulate(input)
  }

  /** Validation loss and metrics over what was accumulated. */
  measured(): EpochRow {
    return [this.#validLoss.value(), ...this.metrics.map((m) => m.value())]
  }

  afterEpoch(): void {
    const { losses, rawLosses, iters, values, seconds } = this.#now
    values.push([losses.at(-1), ...this.measured()])
    iters.push(rawLosses.length)
    seconds.push((this.now() - this.#began) / 1000)
  }

  saveState(): Saved {
    const average = packNumbers([this.#average, this.now() - this.#began])
    return { data: { average, record: packRecord(this.#now) } }
  }

  loadState({ data }: Saved): void {
    const { average, record } = data as { readonly average: string; readonly record: Json }
    const [value = 0, passed = 0] = unpackNumbers(average)
    this.#average = value
    this.#began = this.now() - passed
    Object.assign(this.#now, unpackRecord(record))
  }

  /** Training and validation loss over the steps of the fit (fastai's `plot_loss`). */
  plotLoss(): Figure {
    return plotLosses(lossHistory(this.#now))
  }

  /** Learning rate and momentum over the steps of the fit (fastai's `plot_sched`). */
  plotSched(): Figure {
    return plotSchedule({ lrs: [...this.lrs], moms: [...this.moms] })
  }
}

/** One step of the moving average, in float32 as fastai takes it: tables agree to the last printed digit. */
function towards(average: number, loss: number, beta: number): number {
  const f = Math.fround
  return f(average - f(f(average - loss) * f(1 - f(beta))))
}
