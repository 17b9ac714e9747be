import * as tf from '../engine/tf.js'
import type { Slot, Step } from './steps.js'

/** What an optimizer remembers of one parameter. */
export interface ParamState {
  /** Steps taken. */
  count: number
  readonly slots: Map<string, tf.Variable>
}

/** The slots of a chain of steps, each once. */
export function slotsIn(steps: readonly Step[]): readonly Slot[] {
  const all = steps.flatMap((s) => s.slots ?? []).map((s) => (typeof s === 'string' ? { name: s } : s))
  return [...new Map(all.map((slot) => [slot.name, slot])).values()]
}

/** The slots of a parameter, made when first asked for. */
export function slotsOf(state: ParamState, slots: readonly Slot[], param: tf.Tensor): readonly tf.Variable[] {
  return slots.map(({ name, start }) => {
    const there = state.slots.get(name)
    if (there) return there
    const slot = tf.tidy(() => tf.variable(start ? start(param) : tf.zeros(param.shape), false))
    state.slots.set(name, slot)
    return slot
  })
}
