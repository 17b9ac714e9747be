import { type HyperValue, perGroup } from '../optim/hypers.js'
import { combinedCos } from '../schedule/combine.js'
import { checkFit, checkHyper, checkNumber } from './check-fit.js'
import { checkCallbacks } from './check-learner.js'
import type { Learner } from './learner.js'
import type { FitOptions } from './learner-options.js'
import { paramScheduler } from './param-scheduler.js'

/** The shape of a flat rate that falls at the end, with fastai's defaults. */
export interface FlatCosOptions extends FitOptions {
  /** The last learning rate is lr / divFinal. Default 1e5. */
  readonly divFinal?: number
  /** Share of the fit in which the rate is flat. Default 0.75. */
  readonly pctStart?: number
}

/** A flat rate, then half a cosine down; goes with `ranger` (fastai's `fit_flat_cos`). */
export async function fitFlatCos(
  learn: Learner,
  nEpoch: number,
  lr: HyperValue = learn.lr,
  { divFinal = 1e5, pctStart = 0.75, cbs = [], ...options }: FlatCosOptions = {},
): Promise<void> {
  checkFit(learn, 'fitFlatCos', nEpoch)
  checkHyper('lr', lr)
  checkCallbacks(cbs)
  checkNumber('divFinal', divFinal, { above: true })
  checkNumber('pctStart', pctStart, { most: 1 })
  const rates = perGroup('lr', lr, learn.opt.groups.length)
  const scheduler = paramScheduler({ lr: rates.map((r) => combinedCos(pctStart, r, r, r / divFinal)) })
  await learn.fit(nEpoch, lr, { phase: 'fitFlatCos', ...options, cbs: [scheduler, ...cbs] })
}
