import { describe, EspalierError } from '@espalier/data'
import * as tf from '../engine/tf.js'
import { isNorm } from '../nn/is-norm.js'
import { type AnyModule, Module } from '../nn/module.js'
import { type OptFunc, Optimizer, type ParamGroups } from '../optim/optimizer.js'
import type { Learner } from './learner.js'

/** All parameters in one group: what trains where nothing is said about groups. */
export function wholeModel(model: AnyModule): ParamGroups {
  return [model.parameters()]
}

/** The parameters of a module: a group for a splitter. */
export function params(model: AnyModule): tf.Variable[] {
  if (model instanceof Module) return model.parameters()
  throw new EspalierError('optim/params', `params takes a module, got ${describe(model)}`, {
    fix: 'name a part that the model has: (model) => [params(model.body), params(model.head)]',
  })
}

/**
 * The optimizer of a learner: groups by its splitter, no weight decay for norm layers and biases, and norm layers
 * that train even where frozen, unless told otherwise (fastai's `create_opt`).
 */
export function createOpt({ model, options, lr }: Learner, optFunc: OptFunc): Optimizer {
  const groups = options.splitter?.(model) ?? wholeModel(model)
  checkGroups(groups)
  const opt = optFunc(groups, lr)
  if (!(opt instanceof Optimizer)) {
    throw new EspalierError('optim/func', `optFunc must make an optimizer, it returned ${describe(opt)}`, {
      fix: typeof opt === 'function' ? 'call it: optFunc: adam()' : 'say optFunc: adam()',
    })
  }
  for (const { variable, name, owner } of model.weights()) {
    if (!variable.trainable) continue
    const norm = isNorm(owner)
    if (!options.wdBnBias && (norm || name === 'bias')) opt.noDecay.add(variable)
    if (options.trainBn !== false && norm) opt.forceTrain.add(variable)
  }
  return opt
}

function checkGroups(groups: unknown): void {
  const odd = (list: unknown) => (Array.isArray(list) ? list.find((p) => !(p instanceof tf.Variable)) : list)
  const wrong = Array.isArray(groups) ? groups.map(odd).find((g) => g !== undefined) : groups
  if (wrong === undefined && Array.isArray(groups) && groups.length > 0) return
  throw new EspalierError(
    'optim/groups',
    `a splitter must return lists of parameters, got ${describe(wrong ?? groups)} among them`,
    { fix: 'say splitter: (model) => [params(model.body), params(model.head)]' },
  )
}
