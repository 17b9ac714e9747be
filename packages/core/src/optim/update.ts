import * as tf from '../engine/tf.js'
import { updateKernels } from '../kernels/update.js'
import { isLookahead } from './lookahead-step.js'
import { type ParamState, slotsIn, slotsOf } from './param-state.js'
import { rectification } from './radam-step.js'
import { type Hypers, isKnown, type Step, type Stepping } from './steps.js'

/** Applies a chain of steps to one parameter, in place. */
export type Update = (
  param: tf.Variable,
  grad: tf.Tensor,
  state: ParamState,
  hypers: Hypers,
  decays: boolean,
) => void

const averages = 'averageGrad(dampened) averageSqrGrad stepCount'
const sgdChains = ['sgdStep', 'averageGrad momentumStep']

/**
 * The update of a chain. Adam, RAdam and SGD, with either kind of weight decay, run as one kernel of the engine, also
 * where they look ahead; any other chain is composed from its steps.
 */
export function updateOf(steps: readonly Step[]): Update {
  if (isLookahead(steps.at(-1))) return lookingAhead(steps)
  if (!steps.every(isKnown)) return composedUpdate(steps)
  const [first, ...rest] = steps
  const decay = first?.name === 'weightDecay' || first?.name === 'l2Reg' ? first.name : undefined
  const names = (decay ? rest : steps).map((s) => s.name).join(' ')
  if (names === `${averages} adamStep`) return withDecay(decay, adamUpdate)
  if (names === `${averages} radamStep`) return radamUpdate(decay, composedUpdate(steps))
  if (sgdChains.includes(names)) return withDecay(decay, sgdUpdate(names !== 'sgdStep'))
  return composedUpdate(steps)
}

/** The steps of a chain but its last, then that one. Slow weights begin before the first step. */
function lookingAhead(steps: readonly Step[]): Update {
  const fast = updateOf(steps.slice(0, -1))
  const last = steps.slice(-1)
  const slow = composedUpdate(last)
  const slots = slotsIn(last)
  return (param, grad, state, hypers, decays) => {
    slotsOf(state, slots, param)
    fast(param, grad, state, hypers, decays)
    slow(param, grad, state, hypers, decays)
  }
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

const adamSlots = [{ name: 'gradAvg' }, { name: 'sqrAvg' }]

const adamUpdate: Fused = (param, grad, state, h, keep) => {
  const [avg, sqrAvg] = slotsOf(state, adamSlots, param)
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

/** A rectified step is one of Adam at a smaller rate; the first steps, and those with softplus, are composed. */
function radamUpdate(decay: string | undefined, composed: Update): Update {
  const part = ({ count }: ParamState, h: Hypers) => rectification(h['sqrMom']!, count + 1)
  const rectified = withDecay(decay, (param, grad, state, h, keep) =>
    adamUpdate(param, grad, state, { ...h, lr: h['lr']! * part(state, h)! }, keep),
  )
  return (param, grad, state, hypers, decays) => {
    const plain = !hypers['beta'] && part(state, hypers) !== undefined
    const update = plain ? rectified : composed
    update(param, grad, state, hypers, decays)
  }
}

const sgdSlots = [{ name: 'gradAvg' }]

function sgdUpdate(momentum: boolean): Fused {
  return (param, grad, state, h, keep) => {
    const [avg] = momentum ? slotsOf(state, sgdSlots, param) : []
    updateKernels().sgd(param, grad, avg, { lr: h['lr']!, mom: momentum ? h['mom']! : 0, keep })
  }
}

/** Runs the steps one after the other on plain tensors and stores what they leave. */
function composedUpdate(steps: readonly Step[]): Update {
  const kept = slotsIn(steps)
  return (param, grad, state, hypers, decays) => {
    const slots = slotsOf(state, kept, param)
    tf.tidy(() => {
      const s: Stepping = {
        param,
        grad,
        count: state.count,
        decays,
        slots: Object.fromEntries(kept.map(({ name }, i) => [name, slots[i] as tf.Tensor])),
      }
      for (const step of steps) step.run(s, hypers)
      state.count = s.count
      for (const [i, { name }] of kept.entries())
        if (s.slots[name] !== slots[i]) slots[i]!.assign(s.slots[name]!)
      if (s.param !== param) param.assign(s.param)
    })
  }
}
