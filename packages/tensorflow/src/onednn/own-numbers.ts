import { Diverged } from '@espalier/core/kernels'
import type { Pointer } from '../native/library.js'
import { Scratch, viewFloats } from '../native/memory.js'

const bytes = BigInt(Float32Array.BYTES_PER_ELEMENT)

/** Numbers that a plan keeps for its steps, in native memory of its own. */
export class OwnNumbers {
  readonly at: Pointer
  readonly #memory = new Scratch()
  readonly #numbers: Float32Array
  #destroyed = false

  constructor(count: number) {
    this.at = this.#memory.reserve(count * Float32Array.BYTES_PER_ELEMENT)
    this.#numbers = viewFloats(this.at, count)
  }

  get numbers(): Float32Array {
    if (this.#destroyed) throw new Diverged()
    return this.#numbers
  }

  /** Where the i-th of them lies. */
  placeOf(i: number): Pointer {
    return this.at + BigInt(i) * bytes
  }

  destroy(): void {
    this.#destroyed = true
    this.#memory[Symbol.dispose]()
  }
}
