import { EspalierError } from '@espalier/data'
import type { Figure } from '../report/figure.js'
import { plotLrFind } from '../report/plot-lr-find.js'
import { schedExp } from '../schedule/anneal.js'
import type { Callback } from './callback.js'
import { cancel } from './cancel.js'
import type { Learner } from './learner.js'
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
  { startLr = 1e-7, endLr = 10, numIt = 100, stopDiv = true, suggest }: LrFindOptions<S> = {},
): Promise<LrFound<S>> {
  const steps = Math.max(6, numIt)
  const epochs = Math.floor(steps / learn.dls.train.length) + 1
  const recorder = new Recorder([])
  using before = snapshot(learn)
  try {
    await learn.with({ recorder, without: [nanGuard], quiet: true }, () =>
      learn.fit(epochs, undefined, { cbs: [rising(startLr, endLr, steps, stopDiv, recorder)] }),
    )
  } finally {
    before.restore()
  }
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
    beforeBatch({ learn, trainIter }) {
      learn.opt.setHyper('lr', rate(trainIter / numIt))
    },
    afterBatch({ loss, trainIter }) {
      if (loss === undefined) return
      const { smoothLoss } = recorder
      best = Math.min(best, smoothLoss)
      const diverged = stopDiv && !(smoothLoss <= 4 * best)
      if (!Number.isFinite(loss) || diverged || trainIter >= numIt) cancel('fit')
    },
    beforeValidate: () => cancel('validate'),
  }
}

/** The part of the curve that suggestions are read off: without its first tenth, its last five, and from NaN on. */
function usable({ lrs, losses }: Recorder, numIt: number): { lrs: number[]; losses: number[] } {
  const nan = losses.findIndex((l) => !Number.isFinite(l))
  const end = Math.min(losses.length - 5, nan < 0 ? losses.length : nan)
  const begin = Math.floor(numIt / 10)
  if (end - begin < 5) {
    throw new EspalierError(
      'lr-find/short',
      `lrFind: the loss diverged after ${losses.length} steps, too few to read a rate from`,
      {
        fix: 'use a smaller startLr or more steps (numIt)',
      },
    )
  }
  return { lrs: lrs.slice(begin, end), losses: losses.slice(begin, end) }
}
