import * as tf from '../engine/tf.js'

/** The hyper-parameters of one group, by name. */
export type Hypers = Readonly<Record<string, number>>

/** One parameter in the middle of a step. Steps replace `param` and `grad`; slots are kept between steps. */
export interface Stepping {
  param: tf.Tensor
  grad: tf.Tensor
  /** How many steps this parameter has taken, this one included once `stepCount` has run. */
  count: number
  /** False for parameters that no weight decay applies to. */
  readonly decays: boolean
  readonly slots: Record<string, tf.Tensor>
}

/** A tensor that a step keeps for each parameter. */
export interface Slot {
  readonly name: string
  /** What it begins with, from the parameter before its first step. Default: zeros of the parameter's shape. */
  start?(param: tf.Tensor): tf.Tensor
}

/**
 * A step of an optimizer: a few lines that change one parameter or its gradient (fastai's stepper functions). An
 * optimizer is a chain of them.
 */
export interface Step {
  readonly name: string
  /** Hyper-parameters it reads, with their defaults. */
  readonly hypers?: Hypers
  /** Tensors it keeps for each parameter: by name those that begin at zero. */
  readonly slots?: readonly (string | Slot)[]
  run(s: Stepping, h: Hypers): void
}

const ours = new WeakSet<Step>()

/** Marks a step that engines may run together with others. */
export function own(step: Step): Step {
  ours.add(step)
  return step
}

/** Whether engines know a step: it is one of Espalier's, and not one of that name. */
export function isKnown(step: Step): boolean {
  return ours.has(step)
}

/** p ← p·(1 − lr·wd): decoupled weight decay (Loshchilov & Hutter 2017). */
export const weightDecay = (): Step =>
  own({
    name: 'weightDecay',
    hypers: { wd: 0 },
    run(s, h) {
      if (s.decays && h['wd']) s.param = tf.mul(s.param, 1 - h['lr']! * h['wd'])
    },
  })

/** g ← g + wd·p: weight decay as a penalty. */
export const l2Reg = (): Step =>
  own({
    name: 'l2Reg',
    hypers: { wd: 0 },
    run(s, h) {
      if (s.decays && h['wd']) s.grad = tf.add(s.grad, tf.mul(s.param, h['wd']))
    },
  })

/** Weight decay as optimizers take it: decoupled, or as a penalty. */
export const decayStep = (decoupled: boolean): Step => (decoupled ? weightDecay() : l2Reg())

/** a ← mom·a + g, or with dampening mom·a + (1 − mom)·g. */
export const averageGrad = ({ dampening = false } = {}): Step =>
  own({
    name: dampening ? 'averageGrad(dampened)' : 'averageGrad',
    hypers: { mom: 0.9 },
    slots: ['gradAvg'],
    run(s, h) {
      const g = dampening ? tf.mul(s.grad, 1 - h['mom']!) : s.grad
      s.slots['gradAvg'] = tf.add(tf.mul(s.slots['gradAvg']!, h['mom']!), g)
    },
  })

/** s ← sqrMom·s + (1 − sqrMom)·g². */
export const averageSqrGrad = (): Step =>
  own({
    name: 'averageSqrGrad',
    hypers: { sqrMom: 0.99 },
    slots: ['sqrAvg'],
    run(s, h) {
      const g2 = tf.mul(tf.square(s.grad), 1 - h['sqrMom']!)
      s.slots['sqrAvg'] = tf.add(tf.mul(s.slots['sqrAvg']!, h['sqrMom']!), g2)
    },
  })

/** t ← t + 1, for each parameter by itself. */
export const stepCount = (): Step =>
  own({
    name: 'stepCount',
    run(s) {
      s.count++
    },
  })

/** p ← p − lr·g. */
export const sgdStep = (): Step =>
  own({
    name: 'sgdStep',
    run(s, h) {
      s.param = tf.sub(s.param, tf.mul(s.grad, h['lr']!))
    },
  })

/** p ← p − lr·a. */
export const momentumStep = (): Step =>
  own({
    name: 'momentumStep',
    run(s, h) {
      s.param = tf.sub(s.param, tf.mul(s.slots['gradAvg']!, h['lr']!))
    },
  })

/** p ← p − lr/(1 − mom^t) · a / (√(s / (1 − sqrMom^t)) + eps) (Kingma & Ba 2014, fastai's place for eps). */
export const adamStep = (): Step =>
  own({
    name: 'adamStep',
    hypers: { eps: 1e-5 },
    run(s, h) {
      const rate = h['lr']! / (1 - h['mom']! ** s.count)
      const root = tf.sqrt(tf.div(s.slots['sqrAvg']!, 1 - h['sqrMom']! ** s.count))
      const direction = tf.div(s.slots['gradAvg']!, tf.add(root, h['eps']!))
      s.param = tf.sub(s.param, tf.mul(direction, rate))
    },
  })
