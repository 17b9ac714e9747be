import { describeNumber, EspalierError } from '@espalier/data'
import type * as tf from '../engine/tf.js'
import { updateKernels } from '../kernels/update.js'
import { type HyperValue, perGroup } from './hypers.js'
import { loadOptimizerState, type OptimizerState, optimizerState } from './optimizer-state.js'
import type { ParamState } from './param-state.js'
import type { Step } from './steps.js'
import { type Update, updateOf } from './update.js'

/** Parameters in groups, first layers first. */
export type ParamGroups = readonly (readonly tf.Variable[])[]

/** Makes an optimizer for parameter groups (fastai's `opt_func`). */
export type OptFunc = (groups: ParamGroups, lr?: HyperValue) => Optimizer

/**
 * A chain of steps applied to groups of parameters, each group with hyper-parameters of its own (fastai's
 * `Optimizer`). State and step count belong to a parameter, not to its place in a list, so groups can be frozen
 * and thawed at any time.
 */
export class Optimizer implements Disposable {
  /** Hyper-parameters by group. */
  readonly hypers: readonly Record<string, number>[]
  /** Groups before this one do not train, but for parameters in `forceTrain`. */
  frozenIdx = 0
  /** Parameters that weight decay leaves alone: those of norm layers and biases. */
  readonly noDecay = new Set<tf.Variable>()
  /** Parameters that train even in a frozen group: those of norm layers. */
  readonly forceTrain = new Set<tf.Variable>()
  /** Parameters that do not train for now, wherever they are: those of the part of a GAN that waits for its turn. */
  readonly resting = new Set<tf.Variable>()
  readonly state = new Map<tf.Variable, ParamState>()
  readonly #update: Update

  constructor(
    readonly groups: ParamGroups,
    readonly steps: readonly Step[],
    hypers: Readonly<Record<string, HyperValue>>,
  ) {
    this.#update = updateOf(steps)
    const defaults = Object.assign({}, ...steps.map((s) => s.hypers)) as Record<string, number>
    this.hypers = groups.map(() => ({ ...defaults }))
    for (const [name, value] of Object.entries(hypers)) this.setHyper(name, value)
  }

  /** Sets a hyper-parameter: one number, one per group, or a slice. */
  setHyper(name: string, value: HyperValue): void {
    const values = perGroup(name, value, this.groups.length)
    const wrong = values.findIndex((v) => !Number.isFinite(v) || (name === 'lr' && v < 0))
    if (wrong >= 0) throw wrongHyper(name, values[wrong])
    for (const [i, h] of this.hypers.entries()) h[name] = values[i]!
  }

  /** Freezes the groups before `n`; a negative `n` counts from the end. What the frozen ones remembered is kept. */
  freezeTo(n: number): void {
    const { length } = this.groups
    this.frozenIdx = Math.min(Math.max(n < 0 ? length + n : n, 0), length)
  }

  isTrainable(param: tf.Variable, group: number): boolean {
    return (group >= this.frozenIdx || this.forceTrain.has(param)) && !this.resting.has(param)
  }

  /** The parameters that train now: those whose gradients a step needs. */
  get trainable(): tf.Variable[] {
    return this.groups.flatMap((params, i) => params.filter((p) => this.isTrainable(p, i)))
  }

  /** One step of every trainable parameter that has a gradient. */
  step(grads: ReadonlyMap<tf.Variable, tf.Tensor>): void {
    for (const [i, params] of this.groups.entries()) {
      for (const param of params) {
        const grad = this.isTrainable(param, i) && grads.get(param)
        if (!grad) continue
        let state = this.state.get(param)
        if (!state) {
          state = { count: 0, slots: new Map() }
          this.state.set(param, state)
        }
        this.#update(param, grad, state, this.hypers[i]!, !this.noDecay.has(param))
      }
    }
  }

  /** Forgets averages and step counts (fastai does so on freeze and unfreeze). */
  clearState(): void {
    const slots = [...this.state.values()].flatMap((s) => [...s.slots.values()])
    updateKernels().release?.([...this.state.keys(), ...slots])
    for (const slot of slots) slot.dispose()
    this.state.clear()
  }

  /** A copy of all that it remembers, as data: hyper-parameters, what is frozen, and the state of each parameter. */
  stateDict(): OptimizerState {
    return optimizerState(this)
  }

  /** Becomes what {@link stateDict} gave. What does not fit this optimizer is named in the error. */
  loadStateDict(state: OptimizerState): void {
    loadOptimizerState(this, state)
  }

  [Symbol.dispose](): void {
    this.clearState()
  }
}

function wrongHyper(name: string, value: unknown): EspalierError {
  const wanted = name === 'lr' ? 'a number ≥ 0' : 'a number'
  return new EspalierError('optim/hyper', `${name} must be ${wanted}, got ${describeNumber(value)}`, {
    fix: 'say one number, a list with one for each group, or lrSlice(1e-6, 1e-4)',
  })
}
