import * as tf from '../engine/tf.js'

/** What an optimizer remembers of one parameter. */
export interface ParamState {
  /** Steps taken. */
  count: number
  readonly slots: Map<string, tf.Variable>
}

/** The slots of a parameter, made as zeros when first asked for. */
export function slotsOf(
  state: ParamState,
  names: readonly string[],
  like: tf.Tensor,
): readonly tf.Variable[] {
  return names.map((name) => {
    const there = state.slots.get(name)
    if (there) return there
    const zeros = tf.zeros(like.shape)
    const slot = tf.variable(zeros, false)
    zeros.dispose()
    state.slots.set(name, slot)
    return slot
  })
}
