import type { Json } from '@espalier/data'
import type { FitState } from '../learner/events.js'
import { checkOption } from './check-options.js'
import { type PatienceOptions, Patient } from './early-stopping.js'
import { tell } from './tell.js'

/** By how much the rate is reduced, and how far. */
export interface ReduceLROptions extends PatienceOptions {
  /** What the rate is divided by. Default 10. */
  readonly factor?: number
  /** Default 0. */
  readonly minLr?: number
}

class ReduceLROnPlateau extends Patient {
  override readonly name = 'reduceLROnPlateau'
  override readonly order = 62
  readonly factor: number
  readonly minLr: number

  constructor({ factor = 10, minLr = 0, ...options }: ReduceLROptions) {
    super('reduceLROnPlateau', options)
    checkOption('reduceLROnPlateau', 'factor', factor, { above: 1 })
    checkOption('reduceLROnPlateau', 'minLr', minLr, { from: 0 })
    this.factor = factor
    this.minLr = minLr
  }

  override beforeFit(s: FitState): void {
    super.beforeFit(s)
    if (!this.run || !isScheduled(s)) return
    tell(s.learn, 'reduceLROnPlateau has no effect in this fit: a schedule sets the rate at each step')
  }

  protected lost({ learn, epoch }: FitState): void {
    const { factor, minLr } = this
    const rate = () => learn.opt.hypers.at(-1)?.['lr'] ?? 0
    const before = rate()
    for (const h of learn.opt.hypers) h['lr'] = Math.max((h['lr'] ?? 0) / factor, minLr)
    this.wait = 0
    if (rate() < before) tell(learn, `Epoch ${epoch}: reducing lr to ${rate()}`)
  }

  override describeRun(): Json {
    return { ...(super.describeRun() as object), factor: this.factor, minLr: this.minLr }
  }
}

/** Whether a schedule of the rate would undo every change of it. */
function isScheduled({ learn }: FitState): boolean {
  return learn.orderedCbs('beforeBatch').some((cb) => {
    const schedules = cb.name === 'paramScheduler' ? cb.describeRun?.() : undefined
    return typeof schedules === 'object' && schedules !== null && 'lr' in schedules
  })
}

/**
 * Divides the rate of every group by `factor` when a column of the table has not improved for some epochs (fastai's
 * `ReduceLROnPlateau`).
 *
 * @example
 * await learn.fit(30, 1e-2, { cbs: [reduceLROnPlateau({ patience: 2, factor: 3, minLr: 1e-5 })] })
 */
export function reduceLROnPlateau(options: ReduceLROptions = {}): Patient {
  return new ReduceLROnPlateau(options)
}
