import { EspalierError } from '@espalier/data'
import type { Pointer } from '../native/library.js'
import { bytesOf, copyBytes } from '../native/memory.js'
import type { TensorflowApi } from './api.js'
import { attribute } from './attributes.js'
import { dataTypes, elementOf } from './data-types.js'
import type { Executor } from './execute.js'
import type { Handle } from './handles.js'
import type { Preflight } from './preflight.js'
import { check } from './status.js'
import { freeStrings, readStrings, writeStrings } from './strings.js'

/** What tfjs hands over as the content of a tensor. */
export type Values = ArrayBufferView | readonly (number | boolean | string | Uint8Array)[]

/** What a tensor's content is handed back as. */
export type Content = Float32Array | Int32Array | Uint8Array | BigInt64Array | Uint8Array[]

/** Integer tensors up to this size are remembered for the checks. */
const few = 64

/** Makes tensors from JavaScript's numbers and texts, and back. */
export class Tensors {
  readonly #api: TensorflowApi
  readonly #status: Pointer
  readonly #preflight: Preflight
  readonly #executor: Executor
  readonly #dims = new BigInt64Array(256)

  constructor(api: TensorflowApi, status: Pointer, preflight: Preflight, executor: Executor) {
    this.#executor = executor
    this.#api = api
    this.#status = status
    this.#preflight = preflight
  }

  /** A tensor whose content is whatever lies in memory; `fill` writes it. */
  allocate(shape: readonly number[], dtype: number, fill?: (at: Pointer, bytes: number) => void): Handle {
    const api = this.#api
    const bytes = this.#preflight.checkShape(shape, dtype) * elementOf(dtype).bytes
    for (const [i, n] of shape.entries()) this.#dims[i] = BigInt(n)
    const tensor = api.allocateTensor(dtype, this.#dims, shape.length, bytes)
    const doing = () => `a tensor of ${elementOf(dtype).name} [${shape}]`
    if (tensor === null) throw new EspalierError('engine/memory', `${doing()}: out of memory`)
    try {
      const at = api.tensorData(tensor)
      fill?.(at, bytes)
      const pointer = api.newHandle(tensor, this.#status)
      check(api, this.#status, doing)
      return { pointer, shape, dtype, at }
    } finally {
      api.deleteTensor(tensor)
    }
  }

  create(shape: readonly number[], dtype: number, values: Values): Handle {
    if (dtype === dataTypes.string) {
      const texts = values as readonly (string | Uint8Array)[]
      this.#checkLength(shape, dtype, texts.length)
      return this.#createTexts(shape, texts)
    }
    const array = typed(values, dtype)
    this.#checkLength(shape, dtype, array.byteLength / elementOf(dtype).bytes)
    const handle = this.allocate(shape, dtype, (at, bytes) => copyBytes(at, bytesOf(array), bytes))
    return isSmall(shape, dtype) ? { ...handle, values: (array as Int32Array).slice() } : handle
  }

  read({ pointer, shape, dtype }: Handle): Content {
    const api = this.#api
    const { name, array } = elementOf(dtype)
    const doing = () => `reading ${name} [${shape}]`
    if (!array && dtype !== dataTypes.string) {
      throw new EspalierError('engine/op', `${doing()}: its content cannot be seen from here`)
    }
    const tensor = api.resolve(pointer, this.#status)
    check(api, this.#status, doing)
    try {
      const at = api.tensorData(tensor)
      if (!array) return readStrings(api, at, sizeOf(shape))
      const bytes = api.tensorBytes(tensor)
      // Not from Node's pool: the array is handed to users, who may keep it for long.
      const result = Buffer.allocUnsafeSlow(bytes)
      copyBytes(result, at, bytes)
      return new array(result.buffer, 0, bytes / array.BYTES_PER_ELEMENT) as Content
    } finally {
      api.deleteTensor(tensor)
    }
  }

  /** The numbers of a tensor that a check needs to see. */
  small(handle: Handle): readonly number[] {
    return Array.from(handle.values ?? (this.read(handle) as Int32Array), Number)
  }

  /** TensorFlow never frees texts that were written from outside: it gets a copy of its own. */
  #createTexts(shape: readonly number[], texts: readonly (string | Uint8Array)[]): Handle {
    let at = 0n
    const written = this.allocate(shape, dataTypes.string, (place) => {
      at = place
      writeStrings(this.#api, at, texts)
    })
    try {
      const attributes = [attribute.int('N', 1), attribute.string('separator', '')]
      return this.#executor.run({ name: 'StringJoin', attributes, inputs: [written] }, 1)[0]!
    } finally {
      freeStrings(this.#api, at, texts.length)
      this.#api.deleteHandle(written.pointer)
    }
  }

  #checkLength(shape: readonly number[], dtype: number, got: number): void {
    const expected = this.#preflight.checkShape(shape, dtype)
    if (got === expected) return
    throw new EspalierError(
      'engine/shape',
      `a tensor of ${elementOf(dtype).name} [${shape}] has ${expected} elements, got ${got}`,
    )
  }
}

const sizeOf = (shape: readonly number[]) => shape.reduce((n, d) => n * d, 1)

const isSmall = (shape: readonly number[], dtype: number) =>
  dtype === dataTypes.int32 ? sizeOf(shape) <= few : dtype === dataTypes.float && shape.length === 0

function typed(values: Values, dtype: number): ArrayBufferView {
  const { array, name } = elementOf(dtype)
  if (!array) {
    throw new EspalierError('engine/op', `a tensor of ${name} cannot be made from JavaScript`)
  }
  if (values instanceof array) return values
  // tfjs writes 64-bit integers as pairs of 32-bit ones, low word first.
  if (dtype === dataTypes.int64 && values instanceof Int32Array) return values
  const numbers = values as ArrayLike<number>
  return array === BigInt64Array
    ? BigInt64Array.from(Array.from(numbers, BigInt))
    : (array as Float32ArrayConstructor).from(numbers, Number)
}
