import { hostCompute } from '../engine/host.js'
import { defineKernel } from '../engine/kernel.js'
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
    assignAll([param, avg, sqrAvg], () => adamKernel({ param, grad, avg, sqrAvg }, attrs))
  },
  sgd(param, grad, avg, attrs) {
    if (avg) assignAll([param, avg], () => sgdKernel({ param, grad, avg }, attrs))
    else assignAll([param], () => sgdKernel({ param, grad }, attrs))
  },
}

function assignAll(variables: readonly tf.Variable[], compute: () => tf.Tensor[]): void {
  const values = compute()
  for (const [i, v] of variables.entries()) v.assign(values[i]!)
  for (const t of values) t.dispose()
}

type Adam = { param: tf.Tensor; grad: tf.Tensor; avg: tf.Tensor; sqrAvg: tf.Tensor }

/** → param, avg, sqrAvg (fastai's `adam_step`, epsilon outside the corrected root). */
export const adamKernel = defineKernel<Adam, AdamAttrs>({
  name: 'EspalierAdam',
  compose: ({ param, grad, avg, sqrAvg }, { lr, mom, sqrMom, eps, keep, debias }) => {
    const { shape } = param
    return hostCompute(
      [param, grad, avg, sqrAvg],
      [
        { shape, unset: true },
        { shape, unset: true },
        { shape, unset: true },
      ],
      ([p, g, a, s], [p1, a1, s1]) => {
        const rate = lr / debias[0]
        const scale = 1 / debias[1]
        for (let i = 0; i < p!.length; i++) {
          const d = g![i]!
          const m = mom * a![i]! + (1 - mom) * d
          const v = sqrMom * s![i]! + (1 - sqrMom) * d * d
          a1![i] = m
          s1![i] = v
          p1![i] = keep * p![i]! - (rate * m) / (Math.sqrt(v * scale) + eps)
        }
      },
    )
  },
})

/** → param, and avg where one is given. */
export const sgdKernel = defineKernel<
  { param: tf.Tensor; grad: tf.Tensor; avg?: tf.Tensor } & Record<string, tf.Tensor>,
  SgdAttrs
>({
  name: 'EspalierSgd',
  compose: ({ param, grad, avg }, { lr, mom, keep }) => {
    const { shape } = param
    const ins = avg ? [param, grad, avg] : [param, grad]
    const outs = avg ? [{ shape }, { shape }] : [{ shape }]
    return hostCompute(ins, outs, ([p, g, a], [p1, a1]) => {
      for (let i = 0; i < p!.length; i++) {
        const step = a ? mom * a[i]! + g![i]! : g![i]!
        if (a1) a1[i] = step
        p1![i] = keep * p![i]! - lr * step
      }
    })
  },
})
