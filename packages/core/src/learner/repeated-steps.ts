import { Diverged, Recording, type Work } from '../engine/recording.js'
import * as tf from '../engine/tf.js'
import type { AnyModule } from '../nn/module.js'
import { isSteady } from '../nn/steady.js'
import { emitSync } from './emit.js'
import type { EventName } from './events.js'
import { hearLoss } from './forward.js'
import type { LoopVariables } from './loop.js'
import { computedPasses, type Passes } from './passes.js'

/** Events within a step: who hears them may change what comes next. */
const within: readonly EventName[] = [
  'afterPred',
  'afterLoss',
  'beforeBackward',
  'afterBackward',
  'beforeStep',
]
/** How many recordings that are not repeated once are made, until no more is. */
const attempts = 4

/** A step that was recorded, and what it holds for. */
interface Recorded {
  readonly recording: Recording
  readonly forward: readonly Work[]
  readonly backward: readonly Work[]
  /** What a batch is put into. */
  readonly inputs: readonly tf.Tensor[]
  readonly pred: tf.Tensor
  readonly loss: tf.Tensor
  readonly params: readonly tf.Variable[]
  readonly grads: readonly (tf.Tensor | undefined)[]
  /** The modules, and whether they trained. */
  readonly modules: readonly (readonly [AnyModule, boolean])[]
  /** The weights, and which content they had. */
  readonly weights: readonly (readonly [tf.Variable, tf.DataId])[]
}

/**
 * The training steps of an epoch. Those of small models are over before the code that leads from kernel to kernel is:
 * one is recorded, and those like it repeat what its kernels did. It takes an engine that records, modules and a loss
 * that say they are steady, and nobody who hears what happens within a step. The numbers are the same.
 */
export class RepeatedSteps implements Disposable {
  /** All of the model. */
  readonly modules: readonly AnyModule[]
  readonly #steady: boolean
  #recorded: Recorded | undefined
  #open: Recording | undefined
  #left = attempts

  constructor(model: AnyModule) {
    this.modules = model.all()
    this.#steady = this.modules.every(isSteady)
  }

  /** How the passes of this step are done. `beginAgain` undoes what a forward pass that is not to be has done. */
  passes(s: LoopVariables, beginAgain: () => void): Passes {
    if (!this.#steady || this.#left === 0 || !canRepeat(s)) return computedPasses(s)
    const recorded = this.#recorded
    if (!recorded) return this.#recording(s) ?? computedPasses(s)
    if (!fits(recorded, s)) return computedPasses(s)
    if (holds(recorded, s)) {
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
    const inputs = [...x, ...y].map((t) => tf.keep(recording.memory.copy(t)))
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
        Object.assign(s, { x, y })
        const { pred, lossGrad: loss } = s
        if (recording.failed || !(pred instanceof tf.Tensor)) return grads
        for (const t of [pred, loss, ...grads]) if (t) tf.keep(t)
        this.#recorded = {
          recording,
          forward,
          backward,
          inputs,
          pred,
          loss,
          params,
          grads,
          ...conditions,
        }
        publish(this.#recorded, s)
        return grads
      },
      [Symbol.dispose]: () => {
        computed[Symbol.dispose]()
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
    const { recording, inputs, pred, loss, grads } = this.#recorded ?? {}
    this.#recorded = undefined
    for (const t of [...(inputs ?? []), pred, loss, ...(grads ?? [])]) if (t && !t.isDisposed) t.dispose()
    recording?.[Symbol.dispose]()
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

function conditionsOf({ learn: { model } }: LoopVariables): Pick<Recorded, 'modules' | 'weights'> {
  return {
    modules: model.all().map((m) => [m, m.training] as const),
    weights: [...model.weights()].map(({ variable }) => [variable, variable.dataId] as const),
  }
}

/** Whether a batch has the shapes of the one that was recorded. */
function fits({ inputs }: Recorded, { x, y }: LoopVariables): boolean {
  const given = [...x, ...y]
  const alike = (a: tf.Tensor, b: tf.Tensor) =>
    a.dtype === b.dtype && a.rank === b.rank && a.shape.every((d, i) => d === b.shape[i])
  return given.length === inputs.length && given.every((t, i) => alike(t, inputs[i]!))
}

/** Whether model and memory are still as they were. */
function holds({ modules, weights, params, recording }: Recorded, { learn }: LoopVariables): boolean {
  const { trainable } = learn.opt
  return (
    modules.every(([m, training]) => m.training === training && !Object.hasOwn(m, 'forward')) &&
    weights.every(([v, id]) => v.dataId === id) &&
    params.length === trainable.length &&
    params.every((p, i) => p === trainable[i]) &&
    recording.memory.intact()
  )
}

/** Where a decision falls otherwise than it did, the step is computed after all. */
function repeatedPasses(recorded: Recorded, s: LoopVariables, beginAgain: () => void): Passes {
  const { recording, forward, backward, inputs, grads } = recorded
  let computed: Passes | undefined
  const repeat = () => {
    for (const [i, t] of [...s.x, ...s.y].entries()) recording.memory.write(inputs[i]!, t)
    recording.memory.run(forward)
  }
  return {
    forward() {
      try {
        repeat()
      } catch (error) {
        if (!(error instanceof Diverged)) throw error
        beginAgain()
        computed = computedPasses(s)
        return computed.forward()
      }
      publish(recorded, s)
      emitSync(s, 'afterPred')
      hearLoss(s)
    },
    backward(params) {
      if (computed) return computed.backward(params)
      recording.memory.run(backward)
      return grads
    },
    [Symbol.dispose]: () => computed?.[Symbol.dispose](),
  }
}

/** Callbacks get tensors of this step alone: they may keep them. */
function publish({ recording, pred, loss }: Recorded, s: LoopVariables): void {
  s.pred = recording.memory.copy(pred)
  s.lossGrad = recording.memory.copy(loss)
}
