import { hostAccess, viewsOf } from './host.js'
import { heldValue } from './tensors.js'
import * as tf from './tf.js'

/** What a variable held, to be put back. */
export interface HeldValue extends Disposable {
  restore(): void
}

/**
 * Holds what a small variable holds now: as a copy where the engine updates in place, so that it still may, and else
 * shared until the variable changes.
 */
export function holdValue(variable: tf.Variable): HeldValue {
  const t = variable as tf.Tensor
  if (!hostAccess().owns) {
    const value = heldValue(variable)
    return { restore: () => variable.assign(value), [Symbol.dispose]: () => value.dispose() }
  }
  const numbers = viewsOf([t])[0]!.slice() as Float32Array
  return {
    restore: () => tf.tidy(() => variable.assign(tf.tensor(numbers, t.shape))),
    [Symbol.dispose]() {},
  }
}
