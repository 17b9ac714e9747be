import { lrSlice } from '../optim/hypers.js'
import { checkEpochs, checkFit, checkHyper, checkNumber } from './check-fit.js'
import { fitOneCycle, type OneCycleOptions } from './fit-one-cycle.js'
import type { Learner } from './learner.js'

/** How `fineTune` divides its work between the head and the whole model. */
export interface FineTuneOptions extends OneCycleOptions {
  /** Epochs with the body frozen. Default 1. */
  readonly freezeEpochs?: number
  /** How many times smaller the first group's rate is than the last one's. Default 100. */
  readonly lrMult?: number
}

/** Trains the head with the body frozen, then everything with discriminative rates (fastai's `fine_tune`). */
export async function fineTune(
  learn: Learner,
  epochs: number,
  baseLr = 2e-3,
  { freezeEpochs = 1, lrMult = 100, pctStart = 0.3, div = 5, ...options }: FineTuneOptions = {},
): Promise<void> {
  checkFit(learn, 'fineTune', epochs)
  checkEpochs('fineTune', freezeEpochs)
  checkHyper('lr', baseLr)
  checkNumber('lrMult', lrMult, { above: true })
  learn.freeze()
  await fitOneCycle(learn, freezeEpochs, lrSlice(baseLr), {
    phase: 'fineTune frozen',
    ...options,
    pctStart: 0.99,
  })
  const lr = baseLr / 2
  learn.unfreeze()
  await fitOneCycle(learn, epochs, lrSlice(lr / lrMult, lr), { phase: 'fineTune', ...options, pctStart, div })
}
