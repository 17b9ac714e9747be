import { notedFit } from '../card/noted-fit.js'
import { keptFit } from '../checkpoint/kept-fit.js'
import { checkCheckpoint } from '../checkpoint/options.js'
import { checkFit, checkHyper, checkNumber } from './check-fit.js'
import { checkCallbacks } from './check-learner.js'
import type { FitPlan } from './fit-plan.js'
import type { Learner } from './learner.js'
import type { FitOptions, Scope } from './learner-options.js'
import { runFit } from './loop.js'
import { skipToEpoch } from './skip-to-epoch.js'

/** Trains, once the learner is at hand: `with` keeps the callbacks, the loop does the rest. */
export async function fit(
  learn: Learner,
  nEpoch: number,
  lr = learn.lr,
  {
    wd = learn.options.wd,
    resetOpt,
    phase = 'fit',
    startEpoch = 0,
    checkpoint,
    resume = false,
    ...scope
  }: FitOptions & Scope = {},
): Promise<void> {
  checkFit(learn, 'fit', nEpoch)
  checkHyper('lr', lr)
  checkHyper('wd', wd)
  checkCallbacks(scope.cbs)
  checkNumber('startEpoch', startEpoch, { most: nEpoch })
  checkCheckpoint(checkpoint, resume)
  await learn.prepare()
  if (resetOpt) learn.resetOpt()
  if (wd !== undefined) learn.opt.setHyper('wd', wd)
  learn.opt.setHyper('lr', lr)
  const cbs = startEpoch > 0 ? [...(scope.cbs ?? []), skipToEpoch(startEpoch)] : scope.cbs
  const plan = { name: phase, nEpoch }
  const run = (kept: FitPlan) => notedFit(learn, () => runFit(learn, kept))
  await learn.with({ ...scope, ...(cbs && { cbs }) }, () =>
    checkpoint ? keptFit(learn, plan, checkpoint, resume, run) : run(plan),
  )
}
