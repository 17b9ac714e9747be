import { tf } from '@espalier/core'

/** What the engine holds; equal counts before and after mean that nothing was left behind. */
export interface Held {
  readonly tensors: number
  readonly buffers: number
}

export function held(): Held {
  const { numTensors, numDataBuffers } = tf.memory()
  return { tensors: numTensors, buffers: numDataBuffers }
}

/** Throws when `f` leaves tensors behind, or takes some that were there. */
export async function expectNoLeaks(f: () => unknown | Promise<unknown>): Promise<void> {
  const before = held()
  await f()
  const after = held()
  if (after.tensors !== before.tensors || after.buffers !== before.buffers) {
    throw new Error(
      `tensors ${before.tensors} → ${after.tensors}, buffers ${before.buffers} → ${after.buffers}: something was left behind or disposed twice`,
    )
  }
}
