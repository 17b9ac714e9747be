import type * as tf from '../engine/tf.js'
import type { Learner } from '../learner/learner.js'

/** Every parameter of the optimizer by its path in the model; one that the model lacks by its place in the groups. */
export function paramNames({ model, opt }: Learner): Map<string, tf.Variable> {
  const paths = new Map([...model.weights()].map((w) => [w.variable, w.path] as const))
  return new Map(
    opt.groups.flatMap((params, g) => params.map((p, i) => [paths.get(p) ?? `group ${g}, ${i}`, p] as const)),
  )
}

/** All that training changes by name: the weights of the model, and parameters beside it, as those of a loss. */
export function runWeights(learn: Learner): Map<string, tf.Variable> {
  const own = [...learn.model.weights()].map((w) => [w.path, w.variable] as const)
  return new Map([...own, ...paramNames(learn)])
}
