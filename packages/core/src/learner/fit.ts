import { checkFit, checkHyper } from './check-fit.js'
import { checkCallbacks } from './check-learner.js'
import type { FitOptions, Learner, Scope } from './learner.js'
import { runFit } from './loop.js'

/** Trains, once the learner is at hand: `with` keeps the callbacks, the loop does the rest. */
export async function fit(
  learn: Learner,
  nEpoch: number,
  lr = learn.lr,
  { wd = learn.options.wd, resetOpt, ...scope }: FitOptions & Scope = {},
): Promise<void> {
  checkFit(learn, 'fit', nEpoch)
  checkHyper('lr', lr)
  checkHyper('wd', wd)
  checkCallbacks(scope.cbs)
  await learn.prepare()
  if (resetOpt) learn.resetOpt()
  if (wd !== undefined) learn.opt.setHyper('wd', wd)
  learn.opt.setHyper('lr', lr)
  await learn.with(scope, () => runFit(learn, nEpoch))
}
