import { describe, describeNumber, EspalierError } from '@espalier/data'
import type { Figure } from '../report/figure.js'
import { plotLrFind } from '../report/plot-lr-find.js'
import { schedExp } from '../schedule/anneal.js'
import type { Callback } from './callback.js'
import { cancel } from './cancel.js'
import { checkFit } from './check-fit.js'
import { fit } from './fit.js'
import type { Learner } from './learner.js'
import type { Scope } from './learner-options.js'
import { type LrSuggestion, type SuggestFunc, valley } from './lr-suggest.js'
import { nanGuard } from './nan-guard.js'
import { Recorder } from './recorder.js'
import { snapshot } from './snapshot.js'

/** The range of rates that `lrFind` tries, and who suggests one of them. */
export interface LrFindOptions<S extends SuggestFuncs> {
  /** Default 1e-7. */
  readonly startLr?: number
  /** Default 10. */
  readonly endLr?: number
  /** Steps of the trial, at least 6. Default 100. */
  readonly numIt?: number
  /** Stops when the loss is four times its best. Default true. */
  readonly stopDiv?: boolean
  /** How to read the curve, by name. Default `{ valley }`. */
  readonly suggest?: S
}
type SuggestFuncs = Readonly<Record<string, SuggestFunc>>

/** The curve of a trial and what was read off it; each suggestion is also a property of its own name. */
export type LrFound<S extends SuggestFuncs> = Readonly<Record<keyof S, number>> & {
  readonly lrs: readonly number[]
  /** Smoothed. */
  readonly losses: readonly number[]
  readonly suggestions: readonly LrSuggestion[]
  /** The curve with the suggestions on it. */
  plot(): Figure
}

/**
 * Trains with rising learning rates for a moment to see where the loss falls (Smith 2015, fastai's `lr_find`), then
 * puts everything back: weights, optimizer, running statistics, random streams and records are as before.
 */
export async function lrFind<S extends SuggestFuncs = { valley: SuggestFunc }>(
  learn: Learner,
  options: LrFindOptions<S> = {},
): Promise<LrFound<S>> {
  checkOptions(options)
  const { startLr = 1e-7, endLr = 10, numIt = 100, stopDiv = true, suggest } = options
  const steps = Math.max(6, numIt)
  const recorder = new Recorder([])
  const cbs = [rising(startLr, endLr, steps, stopDiv, recorder)]
  await learn.usage.hold('lrFind', () =>
    trial(learn, steps, { recorder, without: [nanGuard], quiet: true, cbs }),
  )
  const { lrs, losses } = usable(recorder, steps)
  const suggestions = Object.entries(suggest ?? { valley }).map(([name, read]) => ({
    name,
    ...read(lrs, losses),
  }))
  const named = Object.fromEntries(suggestions.map(({ name, lr }) => [name, lr])) as Record<keyof S, number>
  const curve = { lrs: [...recorder.lrs], losses: [...recorder.losses] }
  const plot = () =>
    plotLrFind({ ...curve, suggestions: suggestions.map(({ name, point }) => ({ name, ...point })) })
  return { ...named, ...curve, suggestions, plot }
}

/** Trains for some steps and puts everything back. */
async function trial(learn: Learner, steps: number, scope: Scope): Promise<void> {
  checkFit(learn, 'lrFind', 1)
  const epochs = Math.floor(steps / Math.max(1, learn.dls.train.length)) + 1
  using before = snapshot(learn)
  try {
    await fit(learn, epochs, undefined, scope)
  } finally {
    if (!learn.usage.disposed) before.restore()
  }
}

function checkOptions(options: LrFindOptions<SuggestFuncs>): void {
  if (typeof options !== 'object' || options === null) {
    throw wrong(`lrFind takes an object, got ${describe(options)}`, 'say lrFind({ numIt: 50 })')
  }
  const { startLr = 1e-7, endLr = 10, numIt = 100, suggest = {} } = options
  if (!(startLr > 0 && endLr > startLr && Number.isFinite(endLr))) {
    throw wrong(
      `lrFind: startLr must be above 0 and below endLr, got ${describeNumber(startLr)} and ${describeNumber(endLr)}`,
      'leave them out: 1e-7 and 10',
    )
  }
  if (!Number.isInteger(numIt) || numIt < 1) {
    throw wrong(`lrFind: numIt must be a whole number of steps, got ${describeNumber(numIt)}`, 'say 100')
  }
  const odd =
    typeof suggest === 'object' && suggest !== null
      ? Object.entries(suggest).find(([, f]) => typeof f !== 'function')
      : [suggest, suggest]
  if (odd) {
    throw wrong(
      `lrFind: suggest must hold functions by name, got ${describe(odd[1])}`,
      'say suggest: { valley, steep }',
    )
  }
  const taken = ['lrs', 'losses', 'suggestions', 'plot'].find((name) => Object.hasOwn(suggest, name))
  if (taken === undefined) return
  throw wrong(
    `lrFind: a suggestion cannot be called '${taken}', which is something else in what is found`,
    'give it another name: suggest: { mine: valley }',
  )
}

function wrong(problem: string, fix: string): EspalierError {
  return new EspalierError('lr-find/option', problem, { fix })
}

/** Raises the rate geometrically and stops the fit when the trial is over. */
function rising(
  startLr: number,
  endLr: number,
  numIt: number,
  stopDiv: boolean,
  recorder: Recorder,
): Callback {
  const rate = schedExp(startLr, endLr)
  let best = Number.POSITIVE_INFINITY
  return {
    name: 'lrFinder',
    order: 60,
    runValid: false,
    beforeBatch({ learn, trainIter }) {
      learn.opt.setHyper('lr', rate(trainIter / numIt))
    },
    afterBatch({ loss, trainIter }) {
      if (loss === undefined) return
      const { smoothLoss } = recorder
      best = Math.min(best, smoothLoss)
      const diverged = stopDiv && smoothLoss > 4 * best
      if (Number.isNaN(smoothLoss) || diverged || trainIter >= numIt) cancel('fit')
    },
    beforeValidate: () => cancel('validate'),
  }
}

/**
 * The part of the curve that suggestions are read off: without its first tenth, its last five, and from NaN on. A
 * NaN ends the trial here, while fastai goes on to the last step: the five that it leaves out are those.
 */
function usable({ lrs, losses }: Recorder, numIt: number): { lrs: number[]; losses: number[] } {
  const nan = losses.findIndex(Number.isNaN)
  const end = nan < 0 ? losses.length - 5 : Math.min(numIt - 5, nan)
  const begin = Math.floor(numIt / 10)
  if (end - begin < 5) {
    const diverged = losses.length < numIt
    throw new EspalierError(
      'lr-find/short',
      diverged
        ? `lrFind: the loss diverged after ${losses.length} steps, too few to read a rate from`
        : `lrFind: ${losses.length} steps are too few to read a rate from`,
      { fix: diverged ? 'use a smaller startLr or more steps (numIt)' : 'use more steps: numIt: 50' },
    )
  }
  return { lrs: lrs.slice(begin, end), losses: losses.slice(begin, end) }
}
