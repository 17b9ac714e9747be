import { afterEach, beforeEach } from 'vitest'
import { type Held, held } from './leaks.js'

let before: Held

beforeEach(() => {
  before = held()
})

// Every test of every package: what it made, it gives back.
afterEach(() => {
  const after = held()
  if (after.tensors !== before.tensors) {
    throw new Error(
      `this test left ${after.tensors - before.tensors} tensors behind (${before.tensors} → ${after.tensors})`,
    )
  }
})
