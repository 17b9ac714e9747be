import type { TypedArray } from '@espalier/data'
import * as tf from '../engine/tf.js'

/** The numbers of a tensor that is computed for their sake, with its shape. Nothing of it is left. */
export function readOut(make: () => tf.Tensor): {
  readonly data: TypedArray
  readonly shape: readonly number[]
  readonly dtype: tf.DataType
} {
  let read: ReturnType<typeof readOut> | undefined
  // Not as the result of the scope, which would look for tensors among the numbers.
  tf.tidy(() => {
    const t = make()
    read = { data: t.dataSync(), shape: t.shape, dtype: t.dtype }
  })
  return read!
}
