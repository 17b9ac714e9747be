import { inBackground } from '../native/in-background.js'
import type { Pointer } from '../native/library.js'
import type { TensorflowApi } from './api.js'
import { type Attribute, setAttribute } from './attributes.js'
import { elementOf } from './data-types.js'
import type { Handle } from './handles.js'
import { check } from './status.js'

/** An operation about to run. */
export interface Call {
  readonly name: string
  readonly attributes: readonly Attribute[]
  readonly inputs: readonly Handle[]
}

/** Runs operations, one after the other, in an eager context. */
export class Executor {
  readonly #api: TensorflowApi
  readonly #context: Pointer
  readonly #status: Pointer
  readonly #count = new Int32Array(1)
  #outputs = new BigUint64Array(16)

  constructor(api: TensorflowApi, context: Pointer, status: Pointer) {
    this.#api = api
    this.#context = context
    this.#status = status
  }

  /** Has TensorFlow look up an operation in another thread: the first time it enters all it has in a table (10 ms). */
  async warmUp(): Promise<void> {
    const api = this.#api
    const status = api.newStatus()
    try {
      const op = await inBackground(api.newOp, this.#context, 'NoOp', status)
      check(api, status, () => 'starting TensorFlow')
      api.deleteOp(op)
    } finally {
      api.deleteStatus(status)
    }
  }

  /** The outputs of an operation, at most `outputs` of them. */
  run(call: Call, outputs: number): Handle[] {
    const api = this.#api
    const status = this.#status
    const doing = () => describe(call)
    const op = api.newOp(this.#context, call.name, status)
    check(api, status, doing)
    try {
      for (const attribute of call.attributes) setAttribute(api, op, attribute, status)
      for (const { pointer } of call.inputs) {
        api.addInput(op, pointer, status)
        check(api, status, doing)
      }
      if (outputs > this.#outputs.length) this.#outputs = new BigUint64Array(2 * outputs)
      this.#count[0] = outputs
      api.execute(op, this.#outputs, this.#count, status)
      check(api, status, doing)
    } finally {
      api.deleteOp(op)
    }
    return Array.from({ length: this.#count[0]! }, (_, i) => this.#describe(this.#outputs[i]!))
  }

  #describe(pointer: Pointer): Handle {
    const api = this.#api
    const rank = api.rank(pointer, this.#status)
    const shape = new Array<number>(rank)
    for (let axis = 0; axis < rank; axis++) shape[axis] = api.dim(pointer, axis, this.#status)
    return { pointer, shape, dtype: api.dataType(pointer) }
  }
}

/** An operation and what it was given, for messages. */
export function describe({ name, inputs }: Call): string {
  const given = inputs.map(({ dtype, shape }) => `${elementOf(dtype).name} [${shape}]`)
  return given.length === 0 ? name : `${name} of ${given.join(', ')}`
}
