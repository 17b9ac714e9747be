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
    // The least recently used one goes: those of the call being put together must stay.
    if (found === undefined && this.#ids.size === capacity) this.#drop()
    const id = found ?? this.#binding.createTensor([], dataTypes.float, [value])
    this.#ids.delete(value)
    this.#ids.set(value, id)
    return id
  }

  #drop(): void {
    const [value, id] = this.#ids.entries().next().value!
    this.#ids.delete(value)
    this.#binding.deleteTensor(id)
  }
}
