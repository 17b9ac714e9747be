import { Recording, type Work } from '../engine/recording.js'
import * as tf from '../engine/tf.js'
import type { AnyModule } from '../nn/module.js'
import { isSteady } from '../nn/steady.js'
import type { EventName } from './events.js'
import type { LoopVariables } from './loop.js'
import { computedPasses, type Passes } from './passes.js'
import {
  conditionsOf,
  consistsOf,
  fits,
  forget,
  holds,
  publish,
  type RecordedStep,
  repeatedPasses,
} from './recorded-step.js'
import { changingOf } from './statistics.js'

/** Events within a step: who hears them may change what comes next. */
const within: readonly EventName[] = [
  'afterPred',
  'afterLoss',
  'beforeBackward',
  'afterBackward',
  'beforeStep',
  'afterStep',
]
/** How many recordings that are not repeated once are made, until no more is. */
const attempts = 4

/**
 * The training steps of a fit. Those of small models are over before the code that leads from kernel to kernel is: one
 * is recorded, and those like it repeat what its kernels did. It takes an engine that records, modules and a loss that
 * say they are steady, and nobody who hears what happens within a step. The numbers are the same.
 */
export class RepeatedSteps implements Disposable {
  /** The modules that a forward pass in training changes. */
  changing: readonly AnyModule[] = []
  #steady = false
  #recorded: RecordedStep | undefined
  #open: Recording | undefined
  #left = attempts

  /** An epoch begins: since the last one the model may have become another. */
  begin(model: AnyModule): void {
    const modules = model.all()
    this.changing = changingOf(modules)
    this.#steady = modules.every(isSteady)
    this.#left = attempts
    if (this.#recorded && !consistsOf(this.#recorded, modules)) this.#drop()
  }

  /** How the passes of this step are done. `beginAgain` undoes what a forward pass that is not to be has done. */
  passes(s: LoopVariables, beginAgain: () => void): Passes {
    if (!this.#steady || this.#left === 0 || !canRepeat(s)) return computedPasses(s)
    const recorded = this.#recorded
    const suits = recorded && fits(recorded, s)
    // A last batch is shorter; where the first of an epoch is another, so are those that follow it.
    if (recorded && !suits && s.iter > 0) return computedPasses(s)
    if (suits && holds(recorded, s)) {
      this.#left = attempts
      return repeatedPasses(recorded, s, () => {
        this.#left = 0
        beginAgain()
      })
    }
    this.#drop()
    return this.#recording(s) ?? computedPasses(s)
  }

  /** Computes the passes once more, and records them. */
  #recording(s: LoopVariables): Passes | undefined {
    const recording = Recording.begin()
    if (!recording) return undefined
    this.#left--
    this.#open = recording
    const { x, y } = s
    const conditions = conditionsOf(s) // Weights that the step itself gives other memory are not where it finds them.
    const inputs = [...x, ...y].map((t) => tf.keep(recording.memory.place(t)))
    const [forward, backward]: [Work[], Work[]] = [[], []]
    const computed = computedPasses(s, (score) => recording.part(forward, score))
    return {
      forward() {
        s.x = inputs.slice(0, x.length)
        s.y = inputs.slice(x.length)
        computed.forward()
      },
      backward: (params) => {
        const grads = recording.part(backward, () => computed.backward(params))
        const { pred, lossGrad: loss } = s
        if (recording.failed || !(pred instanceof tf.Tensor)) return grads
        for (const t of [pred, loss, ...grads]) if (t) tf.keep(t)
        const both = { forward, backward, inputs, pred, loss, params, grads }
        this.#recorded = { recording, ...both, ...conditions }
        publish(this.#recorded, s)
        return grads
      },
      [Symbol.dispose]: () => {
        computed[Symbol.dispose]()
        Object.assign(s, { x, y })
        if (this.#recorded?.recording !== recording) for (const t of inputs) t.dispose()
      },
    }
  }

  /** A step is over, and what it allocated was given back. */
  stepped(): void {
    const open = this.#open
    this.#open = undefined
    open?.seal()
    if (open && open !== this.#recorded?.recording) open[Symbol.dispose]()
  }

  #drop(): void {
    if (this.#recorded) forget(this.#recorded)
    this.#recorded = undefined
  }

  [Symbol.dispose](): void {
    this.stepped()
    this.#drop()
  }
}

/** Whether what a step does is known from what it did before. */
function canRepeat(s: LoopVariables): boolean {
  const { learn } = s
  if (s.lossFunc !== learn.lossFunc || !s.lossFunc.steady || s.y.length === 0) return false
  return learn.orderedCbs().every((cb) => cb.readsOnly || !within.some((event) => cb[event]))
}
