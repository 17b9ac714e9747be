import { avgLoss, type Metric, type MetricInput } from '../metrics/metric.js'
import type { Figure } from '../report/figure.js'
import { plotLosses } from '../report/plot-losses.js'
import { plotSchedule } from '../report/plot-schedule.js'
import type { Callback } from './callback.js'
import type { BatchEndState } from './events.js'

/** A row of the table: the numbers of one epoch, `undefined` where there was nothing to measure. */
export type EpochRow = readonly (number | undefined)[]

/**
 * Writes down what happens in a fit (fastai's `Recorder`): losses and learning rates per step, a row per epoch. The
 * training loss is a debiased moving average over the whole fit; validation loss and metrics are means over rows.
 */
export class Recorder implements Callback {
  readonly name = 'recorder'
  readonly order = 50
  /** Smoothed training loss after each step. */
  readonly losses: number[] = []
  /** The loss of each step as it was. */
  readonly rawLosses: number[] = []
  /** Learning rate of the last group at each step. */
  readonly lrs: number[] = []
  readonly moms: number[] = []
  /** Steps done at the end of each epoch. */
  readonly iters: number[] = []
  /** Per epoch: training loss, validation loss, metrics. */
  readonly values: EpochRow[] = []
  /** Seconds each epoch took. */
  readonly seconds: number[] = []
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

  /** The smoothed training loss now. */
  get smoothLoss(): number {
    return this.losses.at(-1) ?? 0
  }

  beforeFit(): void {
    for (const list of [
      this.losses,
      this.rawLosses,
      this.lrs,
      this.moms,
      this.iters,
      this.values,
      this.seconds,
    ])
      list.length = 0
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
      this.rawLosses.push(loss)
      this.losses.push(Math.fround(this.#average / (1 - this.beta ** this.rawLosses.length)))
      const last = s.learn.opt.hypers.at(-1)
      this.lrs.push(last?.['lr'] ?? 0)
      this.moms.push(last?.['mom'] ?? 0)
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
    this.values.push([this.losses.at(-1), ...this.measured()])
    this.iters.push(this.rawLosses.length)
    this.seconds.push((this.now() - this.#began) / 1000)
  }

  /** Training and validation loss over the steps of the fit (fastai's `plot_loss`). */
  plotLoss(): Figure {
    const valid = this.values.flatMap(([, loss], i) =>
      loss === undefined ? [] : [{ step: this.iters[i]!, loss }],
    )
    return plotLosses({ train: [...this.losses], valid })
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
