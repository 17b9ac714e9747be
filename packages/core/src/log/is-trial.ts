import type { Learner } from '../learner/learner.js'

/** Whether a fit only looks for a learning rate: what it does is undone, and belongs into no log. */
export function isTrial(learn: Learner): boolean {
  return learn.orderedCbs('beforeBatch').some((cb) => cb.name === 'lrFinder')
}
