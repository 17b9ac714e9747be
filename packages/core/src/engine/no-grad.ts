import * as tf from './tf.js'

/**
 * Runs `f` in a scope of its own without recording it (torch's `no_grad`), inside a step as well: what it computes is a
 * constant to the gradients, and nothing on the way to it is kept for them.
 *
 * @example
 * const wanted = noGrad(() => teacher.forward(x))
 * return tf.mean(tf.squaredDifference(student.forward(x), wanted))
 */
export function noGrad<T extends tf.TensorContainer>(f: () => T): T {
  // Operations are recorded while this is above 0; tfjs's types keep it private.
  const { state } = tf.engine() as unknown as { readonly state: { gradientDepth: number } }
  const depth = state.gradientDepth
  state.gradientDepth = 0
  try {
    return tf.tidy(f)
  } finally {
    state.gradientDepth = depth
  }
}
