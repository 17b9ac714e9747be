import { setSeed } from '@espalier/core'
import { afterEach, beforeEach } from 'vitest'
import { type Held, held } from './leaks.js'

// Files may share a process: none has other weights because of those before it.
setSeed(42)

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
