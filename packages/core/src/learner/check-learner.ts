import { checkLoaders, describe, EspalierError } from '@espalier/data'
import { Module } from '../nn/module.js'
import type { Callback } from './callback.js'
import { checkHyper, checkMoms } from './check-fit.js'
import { eventNames } from './event-names.js'
import type { LearnerOptions } from './learner-options.js'
import { misspeltEvent } from './misspelt-event.js'

/** Throws where a learner is made of what it cannot work with. */
export function checkLearner(dls: unknown, model: unknown, options: LearnerOptions<never>): void {
  checkLoaders(dls)
  checkModel(model)
  if (typeof options !== 'object' || options === null) {
    throw invalid(
      `the options of a learner are an object, got ${describe(options)}`,
      'say { metrics: [accuracy] }',
    )
  }
  const { lossFunc, optFunc, splitter, metrics, cbs, lr, wd, moms, card } = options
  checkFunction('lossFunc', lossFunc, 'crossEntropyLossFlat()')
  checkFunction('optFunc', optFunc, 'adam()')
  checkFunction('splitter', splitter, '(model) => [params(model.body), params(model.head)]')
  checkList('metrics', 'metric', metrics, isMetric, 'metrics: [accuracy]')
  checkCallbacks(cbs)
  checkHyper('lr', lr)
  checkHyper('wd', wd)
  if (moms !== undefined) checkMoms(moms)
  if (card !== undefined && (typeof card !== 'string' || card === '')) {
    throw invalid(`card must be the path of a file, got ${describe(card)}`, "say card: 'run.json'")
  }
}

function checkModel(model: unknown): void {
  if (model instanceof Module) return
  throw new EspalierError(
    'learner/model',
    `the model of a learner must be a module, got ${describe(model)}`,
    {
      fix:
        typeof model === 'function'
          ? 'make one: new MyModel(), or give an architecture to visionLearner'
          : 'extend Module, or make one with sequential(…)',
    },
  )
}

function checkFunction(name: string, value: unknown, example: string): void {
  if (value === undefined || typeof value === 'function') return
  throw invalid(`${name} must be a function, got ${describe(value)}`, `say ${name}: ${example}`)
}

/** Throws unless callbacks are a list of objects that have names, and hear what they are meant to hear. */
export function checkCallbacks(cbs: unknown): void {
  checkList('cbs', 'callback', cbs, isCallback, "cbs: [{ name: 'mine', afterEpoch() {} }]")
  for (const cb of (cbs ?? []) as readonly Callback[]) {
    const wrong = misspeltEvent(cb)
    if (!wrong) continue
    throw new EspalierError(
      'callback/event',
      `callback '${cb.name}' has a function ${wrong.name}, and there is no such event`,
      { fix: `call it ${wrong.nearest}; the events are ${eventNames.join(', ')}` },
    )
  }
}

function checkList(
  name: string,
  kind: string,
  list: unknown,
  fits: (item: unknown) => boolean,
  example: string,
): void {
  if (list === undefined) return
  if (!Array.isArray(list)) throw invalid(`${name} must be a list, got ${describe(list)}`, `say ${example}`)
  const at = list.findIndex((item) => !fits(item))
  if (at < 0) return
  throw invalid(`${name}[${at}] is ${describe(list[at])}, which is no ${kind}`, `say ${example}`)
}

function isMetric(metric: unknown): boolean {
  return typeof metric === 'function' || hasMethods(metric, 'reset', 'accumulate', 'value')
}

function isCallback(cb: unknown): boolean {
  return typeof cb === 'object' && cb !== null && typeof (cb as { name?: unknown }).name === 'string'
}

function hasMethods(value: unknown, ...names: readonly string[]): boolean {
  if (typeof value !== 'object' || value === null) return false
  return names.every((name) => typeof (value as Record<string, unknown>)[name] === 'function')
}

function invalid(problem: string, fix: string): EspalierError {
  return new EspalierError('learner/option', problem, { fix })
}
