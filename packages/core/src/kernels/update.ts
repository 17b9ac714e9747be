import type { TypedArray } from '@espalier/data'
import { hostUpdate } from '../engine/host-update.js'
import * as tf from '../engine/tf.js'

/** Numbers of one Adam step, decay and bias correction worked out. */
export interface AdamAttrs {
  readonly lr: number
  readonly mom: number
  readonly sqrMom: number
  readonly eps: number
  /** What the parameter is multiplied with first: 1 − lr·wd. */
  readonly keep: number
  /** 1 − mom^t and 1 − sqrMom^t. */
  readonly debias: readonly [number, number]
}

/** Numbers of one step of gradient descent. */
export interface SgdAttrs {
  readonly lr: number
  /** 0: plain gradient descent, no average is kept. */
  readonly mom: number
  readonly keep: number
}

/** One step of an optimizer on one parameter, in place. Engines that can do it in one pass bring their own. */
export interface UpdateKernels {
  adam(param: tf.Variable, grad: tf.Tensor, avg: tf.Variable, sqrAvg: tf.Variable, attrs: AdamAttrs): void
  /** p ← keep·p; a ← mom·a + g; p ← p − lr·a. */
  sgd(param: tf.Variable, grad: tf.Tensor, avg: tf.Variable | undefined, attrs: SgdAttrs): void
  /** Told when parameters or averages will not be updated again. */
  release?(variables: readonly tf.Variable[]): void
}

const byBackend = new Map<string, UpdateKernels>()

/** Gives a tfjs backend update kernels of its own. */
export function registerUpdateKernels(backend: string, kernels: UpdateKernels): void {
  byBackend.set(backend, kernels)
}

/** The update kernels of the current engine. */
export function updateKernels(): UpdateKernels {
  return byBackend.get(tf.engine().backendName) ?? composedUpdates
}

/** The update kernels of any engine: for those that only bring some of their own. */
export const composedUpdates: UpdateKernels = {
  adam(param, grad, avg, sqrAvg, attrs) {
    hostUpdate([param, avg, sqrAvg], [grad], (from, [g], to) => adamStep(from, g!, to, attrs))
  },
  sgd(param, grad, avg, attrs) {
    const variables = avg ? [param, avg] : [param]
    hostUpdate(variables, [grad], (from, [g], to) => sgdStep(from, g!, to, attrs))
  },
}

/** fastai's `adam_step` on numbers, epsilon outside the corrected root: parameter and averages, and what becomes of them. */
export function adamStep(
  [p, a, s]: readonly TypedArray[],
  g: TypedArray,
  [p1, a1, s1]: readonly TypedArray[],
  { lr, mom, sqrMom, eps, keep, debias }: AdamAttrs,
): void {
  const rate = lr / debias[0]
  const scale = 1 / debias[1]
  const [rest, sqrRest] = [1 - mom, 1 - sqrMom]
  const n = g.length
  for (let i = 0; i < n; i++) {
    const d = g[i]!
    const m = mom * a![i]! + rest * d
    const v = sqrMom * s![i]! + sqrRest * d * d
    a1![i] = m
    s1![i] = v
    p1![i] = keep * p![i]! - (rate * m) / (Math.sqrt(v * scale) + eps)
  }
}

function sgdStep(
  [p, a]: readonly TypedArray[],
  g: TypedArray,
  [p1, a1]: readonly TypedArray[],
  { lr, mom, keep }: SgdAttrs,
): void {
  for (let i = 0; i < g.length; i++) {
    const step = a ? mom * a[i]! + g[i]! : g[i]!
    if (a1) a1[i] = step
    p1![i] = keep * p![i]! - lr * step
  }
}
