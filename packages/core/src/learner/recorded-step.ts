import { Diverged, type Recording, type Work } from '../engine/recording.js'
import * as tf from '../engine/tf.js'
import type { AnyModule } from '../nn/module.js'
import { emitSync } from './emit.js'
import { hearLoss } from './forward.js'
import type { LoopVariables } from './loop.js'
import { computedPasses, type Passes } from './passes.js'

/** What a recorded step holds for. */
export interface Conditions {
  /** The modules, and whether they trained. */
  readonly modules: readonly (readonly [AnyModule, boolean])[]
  /** The weights, and which content they had. */
  readonly weights: readonly (readonly [tf.Variable, tf.DataId])[]
}

/** Both passes of a training step as they were recorded. */
export interface RecordedStep extends Conditions {
  readonly recording: Recording
  readonly forward: readonly Work[]
  readonly backward: readonly Work[]
  /** What a batch is put into. */
  readonly inputs: readonly tf.Tensor[]
  readonly pred: tf.Tensor
  readonly loss: tf.Tensor
  readonly params: readonly tf.Variable[]
  readonly grads: readonly (tf.Tensor | undefined)[]
}

/** What holds now. */
export function conditionsOf({ learn: { model } }: LoopVariables): Conditions {
  return {
    modules: model.all().map((m) => [m, m.training] as const),
    weights: [...model.weights()].map(({ variable }) => [variable, variable.dataId] as const),
  }
}

/** Whether these are the modules that were recorded. */
export function consistsOf({ modules }: RecordedStep, now: readonly AnyModule[]): boolean {
  return modules.length === now.length && modules.every(([m], i) => m === now[i])
}

/** Whether a batch has the shapes of the one that was recorded. */
export function fits({ inputs }: RecordedStep, { x, y }: LoopVariables): boolean {
  const given = [...x, ...y]
  const alike = (a: tf.Tensor, b: tf.Tensor) => a.dtype === b.dtype && tf.util.arraysEqual(a.shape, b.shape)
  return given.length === inputs.length && given.every((t, i) => alike(t, inputs[i]!))
}

/** Whether model and memory are still as they were. */
export function holds(
  { modules, weights, params, recording }: RecordedStep,
  { learn }: LoopVariables,
): boolean {
  const { trainable } = learn.opt
  return (
    modules.every(([m, training]) => m.training === training && !Object.hasOwn(m, 'forward')) &&
    weights.every(([v, id]) => v.dataId === id) &&
    params.length === trainable.length &&
    params.every((p, i) => p === trainable[i]) &&
    recording.memory.intact()
  )
}

/**
 * The passes of the step on another batch. Where a decision falls otherwise than it did they are computed after all, once
 * `beginAgain` has undone what was repeated.
 */
export function repeatedPasses(step: RecordedStep, s: LoopVariables, beginAgain: () => void): Passes {
  const { recording, forward, backward, inputs, grads } = step
  let computed: Passes | undefined
  return {
    forward() {
      try {
        for (const [i, t] of [...s.x, ...s.y].entries()) recording.memory.write(inputs[i]!, t)
        recording.memory.run(forward)
      } catch (error) {
        if (!(error instanceof Diverged)) throw error
        beginAgain()
        computed = computedPasses(s)
        return computed.forward()
      }
      publish(step, s)
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
export function publish({ recording, pred, loss }: RecordedStep, s: LoopVariables): void {
  s.pred = recording.memory.copy(pred)
  s.lossGrad = recording.memory.copy(loss)
}

/** Gives back what it holds. */
export function forget({ recording, inputs, pred, loss, grads }: RecordedStep): void {
  for (const t of [...inputs, pred, loss, ...grads]) if (t && !t.isDisposed) t.dispose()
  recording[Symbol.dispose]()
}
