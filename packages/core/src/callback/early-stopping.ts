import type { Json } from '@espalier/data'
import { cancel } from '../learner/cancel.js'
import type { FitState } from '../learner/events.js'
import type { Saved } from '../nn/saved.js'
import { checkOption } from './check-options.js'
import { tell } from './tell.js'
import { Tracker, type TrackerOptions } from './tracker-callback.js'

/** How long a plateau may be. */
export interface PatienceOptions extends TrackerOptions {
  /** Epochs without improvement until something is done. Default 1. */
  readonly patience?: number
}

/** Counts the epochs since the last improvement. */
export abstract class Patient extends Tracker {
  readonly patience: number
  /** Epochs without improvement so far. */
  wait = 0

  constructor(callback: string, { patience = 1, ...options }: PatienceOptions) {
    super(callback, options)
    checkOption(callback, 'patience', patience, { from: 1, whole: true })
    this.patience = patience
  }

  override beforeFit(s: FitState): void {
    super.beforeFit(s)
    this.wait = 0
  }

  override afterEpoch(s: FitState): void {
    super.afterEpoch(s)
    this.wait = this.newBest ? 0 : this.wait + 1
    if (this.wait >= this.patience) this.lost(s)
  }

  /** What is done when patience is lost. */
  protected abstract lost(s: FitState): void

  override describeRun(): Json {
    return { ...(super.describeRun() as object), patience: this.patience }
  }

  override saveState(): Saved {
    return { data: { ...(super.saveState().data as object), wait: this.wait } }
  }

  override loadState(saved: Saved): void {
    super.loadState(saved)
    this.wait = (saved.data as { readonly wait: number }).wait
  }
}

class EarlyStopping extends Patient {
  override readonly name = 'earlyStopping'
  override readonly order = 63

  protected lost({ learn, epoch }: FitState): void {
    tell(learn, `No improvement since epoch ${epoch - this.wait}: early stopping`)
    cancel('fit')
  }
}

/**
 * Ends a fit when a column of the table has not improved for some epochs (fastai's `EarlyStoppingCallback`).
 *
 * @example
 * await learn.fit(50, 1e-3, { cbs: [earlyStopping({ monitor: 'valid_loss', patience: 3, minDelta: 0.01 })] })
 */
export function earlyStopping(options: PatienceOptions = {}): Patient {
  return new EarlyStopping('earlyStopping', options)
}
