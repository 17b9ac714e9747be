import * as tf from '../engine/tf.js'
import { updateKernels } from '../kernels/update.js'
import { type ParamState, slotsOf } from './param-state.js'
import { type Hypers, isKnown, type Step, type Stepping } from './steps.js'

/** Applies a chain of steps to one parameter, in place. */
export type Update = (
  param: tf.Variable,
  grad: tf.Tensor,
  state: ParamState,
  hypers: Hypers,
  decays: boolean,
) => void

const adamChain = 'averageGrad(dampened) averageSqrGrad stepCount adamStep'
const sgdChains = ['sgdStep', 'averageGrad momentumStep']

/**
 * The update of a chain. Adam and SGD, with either kind of weight decay, run as one kernel of the engine; any other
 * chain is composed from its steps.
 */
export function updateOf(steps: readonly Step[]): Update {
  if (!steps.every(isKnown)) return composedUpdate(steps)
  const [first, ...rest] = steps
  const decay = first?.name === 'weightDecay' || first?.name === 'l2Reg' ? first.name : undefined
  const names = (decay ? rest : steps).map((s) => s.name).join(' ')
  if (names === adamChain) return withDecay(decay, adamUpdate)
  if (sgdChains.includes(names)) return withDecay(decay, sgdUpdate(names !== 'sgdStep'))
  return composedUpdate(steps)
}

type Fused = (param: tf.Variable, grad: tf.Tensor, state: ParamState, hypers: Hypers, keep: number) => void

/** Weight decay as what a kernel multiplies the parameter with, or as an addition to the gradient. */
function withDecay(decay: string | undefined, update: Fused): Update {
  return (param, grad, state, hypers, decays) => {
    const wd = decays && decay ? (hypers['wd'] ?? 0) : 0
    if (decay === 'l2Reg' && wd) {
      const penalized = tf.tidy(() => tf.add(grad, tf.mul(param, wd)))
      update(param, penalized, state, hypers, 1)
      penalized.dispose()
    } else update(param, grad, state, hypers, 1 - hypers['lr']! * wd)
  }
}

const adamUpdate: Fused = (param, grad, state, h, keep) => {
  const [avg, sqrAvg] = slotsOf(state, ['gradAvg', 'sqrAvg'], param)
  const [mom, sqrMom] = [h['mom']!, h['sqrMom']!]
  state.count++
  const debias = [1 - mom ** state.count, 1 - sqrMom ** state.count] as const
  updateKernels().adam(param, grad, avg!, sqrAvg!, {
    lr: h['lr']!,
    mom,
    sqrMom,
    eps: h['eps']!,
    keep,
    debias,
  })
}

function sgdUpdate(momentum: boolean): Fused {
  return (param, grad, state, h, keep) => {
    const [avg] = momentum ? slotsOf(state, ['gradAvg'], param) : []
    updateKernels().sgd(param, grad, avg, { lr: h['lr']!, mom: momentum ? h['mom']! : 0, keep })
  }
}

/** Runs the steps one after the other on plain tensors and stores what they leave. */
function composedUpdate(steps: readonly Step[]): Update {
  const names = [...new Set(steps.flatMap((s) => s.slots ?? []))]
  return (param, grad, state, hypers, decays) => {
    const slots = slotsOf(state, names, param)
    tf.tidy(() => {
      const s: Stepping = {
        param,
        grad,
        count: state.count,
        decays,
        slots: Object.fromEntries(names.map((name, i) => [name, slots[i] as tf.Tensor])),
      }
      for (const step of steps) step.run(s, hypers)
      state.count = s.count
      for (const [i, name] of names.entries())
        if (s.slots[name] !== slots[i]) slots[i]!.assign(s.slots[name]!)
      if (s.param !== param) param.assign(s.param)
    })
  }
}
