import type { Learner } from '../learner/learner.js'

const trials: ReadonlySet<string> = new Set(['lrFinder', 'estimate'])

/** Whether a fit only looks for a learning rate, or for time and memory: what it does is undone, and belongs into no log. */
export function isTrial(learn: Learner): boolean {
  return learn.orderedCbs('beforeBatch').some((cb) => trials.has(cb.name))
}
