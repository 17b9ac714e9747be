import { type HyperValue, type LrSlice, lrSlice } from '../optim/hypers.js'
import { checkEpochs, checkFit, checkHyper, checkNumber } from './check-fit.js'
import { fitOneCycle, type OneCycleOptions } from './fit-one-cycle.js'
import type { Learner } from './learner.js'

/** How `fineTune` divides its work between the head and the whole model; the rest goes to both fits. */
export interface FineTuneOptions extends OneCycleOptions {
  /** Epochs with the body frozen. Default 1. */
  readonly freezeEpochs?: number
  /** How many times smaller the first group's rate is than the last one's. Default 100. */
  readonly lrMult?: number
}

/**
 * Trains the head with the body frozen, then everything at half the rate, the first groups at `lrMult` times smaller
 * ones (fastai's `fine_tune`). A list or a slice gives the rate of every group itself: it is used as it is with the
 * body frozen, and its half for everything. `startEpoch` holds for each of the two fits.
 */
export async function fineTune(
  learn: Learner,
  epochs: number,
  baseLr: HyperValue = 2e-3,
  {
    freezeEpochs = 1,
    lrMult = 100,
    pctStart = 0.3,
    div = 5,
    phase = 'fineTune',
    startEpoch = 0,
    ...options
  }: FineTuneOptions = {},
): Promise<void> {
  checkFit(learn, 'fineTune', epochs)
  checkEpochs('fineTune', freezeEpochs)
  checkHyper('lr', baseLr)
  checkNumber('lrMult', lrMult, { above: true })
  checkNumber('pctStart', pctStart, { most: 1 })
  checkNumber('div', div, { above: true })
  checkNumber('startEpoch', startEpoch, { most: Math.max(epochs, freezeEpochs) })
  learn.freeze()
  await fitOneCycle(learn, freezeEpochs, typeof baseLr === 'number' ? lrSlice(baseLr) : baseLr, {
    ...options,
    phase: `${phase} frozen`,
    startEpoch: Math.min(startEpoch, freezeEpochs),
    pctStart: 0.99,
  })
  learn.unfreeze()
  await fitOneCycle(learn, epochs, unfrozen(baseLr, lrMult), {
    ...options,
    phase,
    startEpoch: Math.min(startEpoch, epochs),
    pctStart,
    div,
  })
}

/** Half the rate of each group. */
function unfrozen(lr: HyperValue, lrMult: number): HyperValue {
  if (typeof lr === 'number') return lrSlice(lr / 2 / lrMult, lr / 2)
  if (Array.isArray(lr)) return (lr as readonly number[]).map((r) => r / 2)
  const { start, stop } = lr as LrSlice
  return start === undefined ? lrSlice(stop / 2) : lrSlice(start / 2, stop / 2)
}
