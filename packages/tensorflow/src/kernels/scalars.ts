import type { Binding } from '../binding/binding.js'
import { dataTypes } from '../binding/data-types.js'

const capacity = 64

/** Scalar tensors by their value: the same few are wanted for every parameter of a step. */
export class Scalars {
  readonly #binding: Binding
  readonly #ids = new Map<number, number>()

  constructor(binding: Binding) {
    this.#binding = binding
  }

  /** The binding's number of a float scalar; it stays owned by this. */
  id(value: number): number {
    const found = this.#ids.get(value)
    if (found !== undefined) return found
    if (this.#ids.size === capacity) {
      for (const old of this.#ids.values()) this.#binding.deleteTensor(old)
      this.#ids.clear()
    }
    const id = this.#binding.createTensor([], dataTypes.float, [value])
    this.#ids.set(value, id)
    return id
  }
}
