import { describeNumber, EspalierError } from '@espalier/data'
import { type HyperValue, perGroup } from '../optim/hypers.js'
import { schedCos } from '../schedule/anneal.js'
import { combineScheds } from '../schedule/combine.js'
import { checkFit, checkHyper } from './check-fit.js'
import { checkCallbacks } from './check-learner.js'
import type { Learner } from './learner.js'
import type { FitOptions } from './learner-options.js'
import { paramScheduler } from './param-scheduler.js'

/** How the cycles of `fitSgdr` follow each other. */
export interface SgdrOptions extends FitOptions {
  /** How many times longer a cycle is than the one before. Default 2; 1: all alike. */
  readonly cycleMult?: number
}

/**
 * Gradient descent with warm restarts (Loshchilov & Hutter 2016, https://arxiv.org/abs/1608.03983): in every cycle the
 * rate falls along half a cosine to 0. The first cycle has `cycleLen` epochs, each next one `cycleMult` times as many
 * (fastai's `fit_sgdr`).
 */
export async function fitSgdr(
  learn: Learner,
  nCycles: number,
  cycleLen: number,
  lrMax: HyperValue = learn.lr,
  { cycleMult = 2, cbs = [], ...options }: SgdrOptions = {},
): Promise<void> {
  checkCount('nCycles', nCycles)
  checkCount('cycleLen', cycleLen)
  checkCount('cycleMult', cycleMult)
  checkHyper('lr', lrMax)
  checkCallbacks(cbs)
  const lengths = Array.from({ length: nCycles }, (_, i) => cycleLen * cycleMult ** i)
  const nEpoch = lengths.reduce((sum, n) => sum + n, 0)
  checkFit(learn, 'fitSgdr', nEpoch)
  const shares = lengths.map((n) => n / nEpoch)
  const falling = (lr: number) =>
    combineScheds(
      shares,
      shares.map(() => schedCos(lr, 0)),
    )
  const scheduler = paramScheduler({ lr: perGroup('lr', lrMax, learn.opt.groups.length).map(falling) })
  await learn.fit(nEpoch, lrMax, { phase: 'fitSgdr', ...options, cbs: [scheduler, ...cbs] })
}

function checkCount(name: string, n: unknown): void {
  if (Number.isInteger(n) && Number(n) >= 1) return
  throw new EspalierError(
    'fit/option',
    `fitSgdr: ${name} must be a whole number from 1, got ${describeNumber(n)}`,
    { fix: 'say learn.fitSgdr(3, 1): cycles of 1, 2 and 4 epochs' },
  )
}
