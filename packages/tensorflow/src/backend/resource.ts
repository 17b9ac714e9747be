import type { tf } from '@espalier/core'
import { attribute } from '../binding/attributes.js'
import type { Binding } from '../binding/binding.js'
import type { NativeBackend, Source } from './backend.js'

/**
 * Content that lives in one of TensorFlow's resource variables, where its optimizers update it in place. As long
 * as somebody else holds the content, by reading it or through a reshaped tensor, TensorFlow updates a copy.
 */
export class Resource implements Source {
  /** The binding's number of the variable. */
  readonly id: number
  readonly #binding: Binding
  readonly #dtype: number

  static #count = 0

  /** A variable that begins with the content of the tensor `id`. */
  constructor(binding: Binding, shape: readonly number[], dtype: number, id: number) {
    this.#binding = binding
    this.#dtype = dtype
    const attributes = [
      attribute.type('dtype', dtype),
      attribute.shape('shape', shape),
      attribute.string('container', ''),
      attribute.string('shared_name', `espalier-${Resource.#count++}`),
    ]
    this.id = binding.executeOp('VarHandleOp', attributes, [], 1)[0]!.id
    this.assign(id)
  }

  produce(): number {
    const attributes = [attribute.type('dtype', this.#dtype)]
    return this.#binding.executeOp('ReadVariableOp', attributes, [this.id], 1)[0]!.id
  }

  assign(id: number): void {
    const attributes = [attribute.type('dtype', this.#dtype), attribute.bool('validate_shape', false)]
    this.#binding.executeOp('AssignVariableOp', attributes, [this.id, id], 0)
  }

  dispose(): void {
    const attributes = [attribute.bool('ignore_lookup_error', true)]
    this.#binding.executeOp('DestroyResourceOp', attributes, [this.id], 0)
    this.#binding.deleteTensor(this.id)
  }
}

/** The resource that holds the content of a variable and of nothing else, ready to be updated in place. */
export function resourceOf(backend: NativeBackend, variable: tf.Variable): Resource {
  const { binding } = backend
  if (backend.entryOf(variable).refCount > 1) separate(backend, variable)
  const entry = backend.entryOf(variable)
  if (!(entry.source instanceof Resource)) {
    entry.source = new Resource(binding, entry.shape, entry.dtype, backend.idOf(variable))
  }
  if (entry.id >= 0) binding.deleteTensor(entry.id)
  entry.id = -1
  return entry.source as Resource
}

/** Gives a variable content of its own, where a clone shares it. */
function separate(backend: NativeBackend, variable: tf.Variable): void {
  const { shape, dtype } = backend.entryOf(variable)
  const resource = new Resource(backend.binding, shape, dtype, backend.idOf(variable))
  backend.become(variable, backend.later(shape, dtype, resource))
}
