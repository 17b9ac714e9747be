import { describe, EspalierError, type Json } from '@espalier/data'
import type { Callback } from '../learner/callback.js'
import type { FitState } from '../learner/events.js'
import { packNumbers, unpackNumbers } from '../learner/packed.js'
import { isTrial } from '../log/is-trial.js'
import type { Saved } from '../nn/saved.js'
import { checkOption, checkWord } from './check-options.js'
import { isLowerBetter, monitoredColumn } from './monitored.js'

/** Which number of the table is watched, and what is better. */
export interface TrackerOptions {
  /** A column of the recorder. Default `valid_loss`. */
  readonly monitor?: string
  /** Whether lower or higher is better. Default: lower for losses, errors and distances, higher for the rest. */
  readonly comp?: 'less' | 'greater'
  /** By how much a value must be better to count. Default 0. */
  readonly minDelta?: number
  /** False: a fit goes on from the best of the fits before it. Default true. */
  readonly resetOnFit?: boolean
}

/**
 * Watches a column of the table (fastai's `TrackerCallback`). A value that is not a number, or was not measured,
 * never improves. While `lrFind` tries rates it does nothing.
 */
export class Tracker implements Callback {
  readonly name: string = 'tracker'
  readonly order: number = 60
  run = true
  readonly monitor: string
  readonly comp: 'less' | 'greater'
  readonly minDelta: number
  readonly resetOnFit: boolean
  /** The best value so far; infinite before there is one. */
  best: number
  /** Whether the last epoch was better than those before it. */
  newBest = false
  #column = 0

  constructor(callback: string, options: TrackerOptions) {
    const { monitor = 'valid_loss', minDelta = 0, resetOnFit = true } = options
    if (typeof monitor !== 'string') {
      throw new EspalierError(
        'callback/option',
        `${callback}: monitor must be the name of a column, got ${describe(monitor)}`,
        { fix: "say monitor: 'valid_loss'" },
      )
    }
    const { comp = isLowerBetter(monitor) ? 'less' : 'greater' } = options
    checkWord(callback, 'comp', comp, ['less', 'greater'])
    checkOption(callback, 'minDelta', minDelta, { from: 0 })
    this.monitor = monitor
    this.comp = comp
    this.minDelta = minDelta
    this.resetOnFit = resetOnFit
    this.best = this.#worst
  }

  get #worst(): number {
    return this.comp === 'less' ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY
  }

  beforeFit({ learn }: FitState): void {
    if (isTrial(learn)) {
      this.run = false
      return
    }
    this.#column = monitoredColumn(this.name, this.monitor, learn.recorder.columns)
    this.newBest = false
    if (this.resetOnFit) this.best = this.#worst
  }

  afterEpoch({ learn }: FitState): void {
    const value = learn.recorder.values.at(-1)?.[this.#column] ?? Number.NaN
    const { minDelta, best } = this
    this.newBest = this.comp === 'less' ? value + minDelta < best : value - minDelta > best
    if (this.newBest) this.best = value
  }

  describeRun(): Json {
    const { monitor, comp, minDelta, resetOnFit } = this
    return { monitor, comp, minDelta, resetOnFit }
  }

  saveState(): Saved {
    return { data: { best: packNumbers([this.best]), newBest: this.newBest } }
  }

  loadState({ data }: Saved): void {
    const { best, newBest } = data as { readonly best: string; readonly newBest: boolean }
    this.best = unpackNumbers(best)[0] ?? this.#worst
    this.newBest = newBest
  }
}

/**
 * Watches a column of the table and remembers its best value, for callbacks of your own.
 *
 * @example
 * const tracker = trackerCallback({ monitor: 'accuracy' })
 * const shout = { name: 'shout', order: 61, afterEpoch: () => tracker.newBest && console.log(tracker.best) }
 * await learn.fit(3, 1e-3, { cbs: [tracker, shout] })
 */
export function trackerCallback(options: TrackerOptions = {}): Tracker {
  return new Tracker('trackerCallback', options)
}
