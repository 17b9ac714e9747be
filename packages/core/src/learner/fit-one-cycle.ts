import { type HyperValue, perGroup } from '../optim/hypers.js'
import { combinedCos } from '../schedule/combine.js'
import { checkFit, checkHyper, checkMoms, checkNumber } from './check-fit.js'
import { checkCallbacks } from './check-learner.js'
import type { Learner } from './learner.js'
import type { FitOptions } from './learner-options.js'
import { paramScheduler } from './param-scheduler.js'

/** The shape of one cycle, with fastai's defaults. */
export interface OneCycleOptions extends FitOptions {
  /** The first learning rate is lrMax / div. Default 25. */
  readonly div?: number
  /** The last one is lrMax / divFinal. Default 1e5. */
  readonly divFinal?: number
  /** Share of the fit in which the rate rises. Default 0.25. */
  readonly pctStart?: number
  /** Momentum at the beginning, at the top and at the end. Default: the learner's. */
  readonly moms?: Moms
}
/** Momentum at the start, at the highest rate and at the end of a cycle. */
export type Moms = readonly [start: number, middle: number, end: number]

/**
 * Smith's one-cycle policy (2018, https://arxiv.org/abs/1803.09820): the rate rises and falls along cosines while
 * momentum does the opposite (fastai's `fit_one_cycle`). An optimizer without momentum has its rate scheduled only.
 */
export async function fitOneCycle(
  learn: Learner,
  nEpoch: number,
  lrMax: HyperValue = learn.lr,
  {
    div = 25,
    divFinal = 1e5,
    pctStart = 0.25,
    moms = learn.moms,
    cbs = [],
    ...options
  }: OneCycleOptions = {},
): Promise<void> {
  checkFit(learn, 'fitOneCycle', nEpoch)
  checkHyper('lr', lrMax)
  checkCallbacks(cbs)
  checkNumber('div', div, { above: true })
  checkNumber('divFinal', divFinal, { above: true })
  checkNumber('pctStart', pctStart, { most: 1 })
  checkMoms(moms)
  const { groups, hypers } = learn.opt
  const scheduler = paramScheduler({
    lr: perGroup('lr', lrMax, groups.length).map((lr) => combinedCos(pctStart, lr / div, lr, lr / divFinal)),
    ...('mom' in hypers[0]! && { mom: combinedCos(pctStart, ...moms) }),
  })
  await learn.fit(nEpoch, lrMax, { phase: 'fitOneCycle', ...options, cbs: [scheduler, ...cbs] })
}
