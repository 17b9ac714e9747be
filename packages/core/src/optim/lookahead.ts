import { describe, EspalierError } from '@espalier/data'
import { type LookaheadOptions, lookaheadStep } from './lookahead-step.js'
import { type OptFunc, Optimizer } from './optimizer.js'
import { stepCount } from './steps.js'

/**
 * An optimizer that looks ahead: it takes k steps of another one, then goes back some of the way (fastai's
 * `Lookahead`). Slow weights and counts belong to the parameters, and are forgotten and saved with their state.
 *
 * @example
 * new Learner(dls, model, { optFunc: lookahead(sgd({ mom: 0.9 }), { k: 5 }) })
 */
export function lookahead(optFunc: OptFunc, options: LookaheadOptions = {}): OptFunc {
  const last = lookaheadStep(options)
  if (typeof optFunc !== 'function') {
    throw new EspalierError(
      'optim/func',
      `lookahead takes what makes an optimizer, got ${describe(optFunc)}`,
      { fix: 'say lookahead(radam())' },
    )
  }
  return (groups, lr) => {
    using fast = optFunc(groups, lr)
    const counts = fast.steps.some((s) => s.name === 'stepCount')
    const names = Object.keys(fast.hypers[0] ?? {})
    const hypers = Object.fromEntries(names.map((name) => [name, fast.hypers.map((h) => h[name]!)]))
    return new Optimizer(groups, [...fast.steps, ...(counts ? [] : [stepCount()]), last], hypers)
  }
}
