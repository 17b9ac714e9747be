import { paramNames } from '../checkpoint/param-names.js'
import * as tf from '../engine/tf.js'
import type { Callback } from '../learner/callback.js'
import { cancel } from '../learner/cancel.js'
import type { LossState } from '../learner/events.js'
import type { Learner } from '../learner/learner.js'
import { checkOption } from './check-options.js'

/**
 * Steps when `nAcc` samples have been seen, on the sum of their gradients, each weighing 1 / `nAcc` (fastai's
 * `GradientAccumulation`). Where the batches fill `nAcc` exactly that is the step of one large batch; only norm layers
 * still see the small ones. What is left over at the end of an epoch goes into the next one.
 *
 * @example
 * await learn.fit(3, 1e-3, { cbs: [gradientAccumulation(64)] }) // batches of 8: a step after every eighth
 */
export function gradientAccumulation(nAcc = 32): Callback {
  checkOption('gradientAccumulation', 'nAcc', nAcc, { from: 1, whole: true })
  const held = new Map<tf.Variable, tf.Tensor>()
  let learner: Learner | undefined
  let count = 0
  const forget = () => {
    for (const sum of held.values()) sum.dispose()
    held.clear()
    count = 0
  }
  return {
    name: 'gradientAccumulation',
    order: 6,
    runValid: false,
    beforeFit({ learn }) {
      learner = learn
      forget()
    },
    afterLoss(s) {
      s.lossGrad = tf.mul(s.lossGrad, rowsOf(s) / nAcc)
    },
    beforeStep(s) {
      s.lossGrad = tf.mul(s.lossGrad, nAcc / rowsOf(s)) // What others see is the loss as it was.
      count += rowsOf(s)
      const sums = new Map(s.grads)
      for (const [param, sum] of held) {
        const grad = sums.get(param)
        sums.set(param, grad ? tf.add(sum, grad) : tf.clone(sum))
        sum.dispose()
      }
      held.clear()
      if (count < nAcc) {
        for (const [param, sum] of sums) held.set(param, tf.keep(tf.clone(sum)))
        cancel('batch')
      }
      s.grads = sums
      count = 0
    },
    afterFit: forget,
    release: forget,
    describeRun: () => ({ nAcc }),
    saveState() {
      const names = learner ? paramNames(learner) : new Map<string, tf.Variable>()
      const tensors = [...names].flatMap(([name, param]) => {
        const sum = held.get(param)
        return sum ? [[name, sum] as const] : []
      })
      return { data: { count }, tensors: Object.fromEntries(tensors) }
    },
    loadState({ data, tensors = {} }) {
      forget()
      count = (data as { readonly count: number }).count
      const names = learner ? paramNames(learner) : new Map<string, tf.Variable>()
      for (const [name, sum] of Object.entries(tensors)) {
        const param = names.get(name)
        if (param) held.set(param, tf.keep(tf.clone(sum)))
      }
    },
  }
}

/** The samples of a batch: the rows of its first target. */
function rowsOf({ y, batch }: LossState): number {
  return y[0]?.shape[0] ?? batch.indices.length
}
