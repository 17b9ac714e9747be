import type { BatchEndState, Callback } from '@espalier/core'
import { describe, EspalierError } from '@espalier/data'
import { trainerOf } from './gan-trainer.js'

/** How many steps a turn has: so many, or as a function of the steps that the other part had. */
export type Turns = number | ((others: number) => number)

/**
 * Lets the critic take `nCrit` steps, then the generator `nGen`, and so on; each epoch counts anew (fastai's
 * `FixedGANSwitcher`).
 */
export function fixedGANSwitcher({
  nCrit = 1,
  nGen = 1,
}: {
  readonly nCrit?: Turns
  readonly nGen?: Turns
} = {}): Callback {
  for (const [name, turns] of [
    ['nCrit', nCrit],
    ['nGen', nGen],
  ] as const)
    checkTurns(name, turns)
  const told = (turns: Turns) => (typeof turns === 'number' ? turns : 'a function')
  let [crit, gen] = [0, 0]
  return {
    name: 'fixedGANSwitcher',
    order: 1,
    runValid: false,
    describeRun: () => ({ nCrit: told(nCrit), nGen: told(nGen) }),
    beforeTrain() {
      ;[crit, gen] = [0, 0]
    },
    afterBatch({ learn, loss }: BatchEndState) {
      if (loss === undefined) return
      const trainer = trainerOf(learn)
      if (trainer.genMode) gen++
      else crit++
      const [turns, others, steps] = trainer.genMode ? [nGen, crit, gen] : [nCrit, gen, crit]
      if (steps < (typeof turns === 'number' ? turns : turns(others))) return
      trainer.switch()
      ;[crit, gen] = [0, 0]
    },
    saveState: () => ({ data: { crit, gen } }),
    loadState({ data }) {
      ;({ crit, gen } = data as { crit: number; gen: number })
    },
  }
}

/**
 * Ends the turn of a part as soon as its loss is below a bound; without a bound after every step (fastai's
 * `AdaptiveGANSwitcher`).
 */
export function adaptiveGANSwitcher({
  genThresh,
  criticThresh,
}: {
  readonly genThresh?: number
  readonly criticThresh?: number
} = {}): Callback {
  for (const [name, thresh] of [
    ['genThresh', genThresh],
    ['criticThresh', criticThresh],
  ] as const) {
    if (thresh === undefined || Number.isFinite(thresh)) continue
    throw new EspalierError('gan/switcher', `${name} must be a number, got ${describe(thresh)}`, {
      fix: 'say criticThresh: 0.65, or leave it out',
    })
  }
  return {
    name: 'adaptiveGANSwitcher',
    order: 1,
    runValid: false,
    describeRun: () => ({ genThresh: genThresh ?? null, criticThresh: criticThresh ?? null }),
    afterBatch({ learn, loss }: BatchEndState) {
      if (loss === undefined) return
      const trainer = trainerOf(learn)
      const thresh = trainer.genMode ? genThresh : criticThresh
      if (thresh === undefined || loss < thresh) trainer.switch()
    },
  }
}

/**
 * The critic learns `multLr` times as fast as the generator (fastai's `GANDiscriminativeLR`), also where a schedule sets
 * the rate.
 */
export function ganDiscriminativeLR(multLr = 5): Callback {
  if (!(Number.isFinite(multLr) && multLr > 0)) {
    throw new EspalierError('gan/mult-lr', `multLr must be a number above 0, got ${describe(multLr)}`, {
      fix: 'say ganDiscriminativeLR(5)',
    })
  }
  let before: readonly number[] | undefined
  return {
    name: 'ganDiscriminativeLR',
    order: 61, // After what schedules the rate.
    runValid: false,
    describeRun: () => ({ multLr }),
    beforeBatch({ learn }) {
      if (trainerOf(learn).genMode) return
      before = learn.opt.hypers.map((h) => h['lr'] ?? 0)
      learn.opt.setHyper(
        'lr',
        before.map((lr) => lr * multLr),
      )
    },
    afterBatch({ learn }) {
      if (before) learn.opt.setHyper('lr', before)
      before = undefined
    },
  }
}

function checkTurns(name: string, turns: unknown): void {
  if (typeof turns === 'function' || (Number.isInteger(turns) && Number(turns) >= 1)) return
  throw new EspalierError('gan/switcher', `${name} must be a number of steps, got ${describe(turns)}`, {
    fix: 'say fixedGANSwitcher({ nCrit: 5, nGen: 1 })',
  })
}
