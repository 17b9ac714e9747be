import { EspalierError } from '@espalier/data'
import type { Pointer } from '../native/library.js'
import type { TensorflowApi } from './api.js'
import type { Attribute } from './attributes.js'
import { hasGpu, newContext } from './context.js'
import { attributeTypes, dataTypes, elementOf } from './data-types.js'
import { describe, Executor } from './execute.js'
import { type Handle, Handles } from './handles.js'
import { machineMemory, Preflight } from './preflight.js'
import { check } from './status.js'
import { type Content, Tensors, type Values } from './tensors.js'

/** What tfjs's kernels know of a tensor. */
export interface TensorMetadata {
  readonly id: number
  readonly shape: number[]
  readonly dtype: number
}

/** Somebody who is told what happens to tensors. */
export interface Witness {
  /** An operation of TensorFlow is about to run, or numbers to be copied to JavaScript. */
  operates(): void
  /** A tensor is given back: true where the witness takes it over. */
  keeps(id: number): boolean
}

/** What a binding may use of the machine. */
export interface BindingOptions {
  /** How many threads one operation may use. */
  readonly threads: number
  /** How many bytes one tensor may have; default: the memory of the machine. */
  readonly memory?: number
}

/**
 * What tfjs's Node kernels call instead of their compiled addon, over TensorFlow's C API. Saved models and
 * summaries, which Espalier does not use, are not there.
 */
export class Binding {
  readonly TF_FLOAT = dataTypes.float
  readonly TF_INT32 = dataTypes.int32
  readonly TF_INT64 = dataTypes.int64
  readonly TF_BOOL = dataTypes.bool
  readonly TF_COMPLEX64 = dataTypes.complex64
  readonly TF_STRING = dataTypes.string
  readonly TF_RESOURCE = dataTypes.resource
  readonly TF_UINT8 = dataTypes.uint8
  readonly TF_ATTR_STRING = attributeTypes.string
  readonly TF_ATTR_INT = attributeTypes.int
  readonly TF_ATTR_FLOAT = attributeTypes.float
  readonly TF_ATTR_BOOL = attributeTypes.bool
  readonly TF_ATTR_TYPE = attributeTypes.type
  readonly TF_ATTR_SHAPE = attributeTypes.shape
  readonly TF_ATTR_RESOURCE = attributeTypes.resource
  readonly TF_Version: string

  witness: Witness | undefined

  readonly #api: TensorflowApi
  readonly #status: Pointer
  readonly #preflight: Preflight
  readonly #tensors: Tensors
  readonly #handles: Handles
  readonly #executor: Executor
  readonly #gpu: boolean

  constructor(api: TensorflowApi, { threads, memory = machineMemory() }: BindingOptions) {
    this.#api = api
    this.#status = api.newStatus()
    this.TF_Version = api.version()
    this.#preflight = new Preflight(memory)
    this.#handles = new Handles(api)
    const context = newContext(api, this.#status, threads)
    this.#executor = new Executor(api, context, this.#status)
    this.#tensors = new Tensors(api, this.#status, this.#preflight, this.#executor)
    this.#gpu = hasGpu(api, context, this.#status)
  }

  /** Does in another thread what the first operation would wait for. */
  warmUp(): Promise<void> {
    return this.#executor.warmUp()
  }

  createTensor(shape: readonly number[], dtype: number, values: Values): number {
    return this.#handles.add(this.#tensors.create(shape, dtype, values))
  }

  /** A tensor whose content is whatever lies in memory. */
  allocateTensor(shape: readonly number[], dtype: number): number {
    return this.#handles.add(this.#tensors.allocate(shape, dtype))
  }

  deleteTensor(id: number): void {
    if (this.witness?.keeps(id)) return
    this.#handles.delete(id)
  }

  tensorDataSync(id: number): Content {
    this.witness?.operates()
    return this.#tensors.read(this.#handles.get(id, () => 'reading a tensor'))
  }

  executeOp(
    name: string,
    attributes: readonly Attribute[],
    inputIds: readonly number[],
    outputs: number,
  ): TensorMetadata[] {
    this.witness?.operates()
    const inputs = inputIds.map((id) => this.#handles.get(id, () => name))
    const call = { name, attributes, inputs }
    this.#preflight.checkCall(call, (i) => this.#tensors.small(inputs[i]!))
    return this.#executor.run(call, outputs).map((handle) => this.#metadata(handle))
  }

  /** Where the numbers of a tensor lie; valid as long as the tensor is. */
  pointerTo(id: number): Pointer {
    const handle = this.#handles.get(id, () => 'the memory of a tensor')
    if (!elementOf(handle.dtype).array) {
      throw new EspalierError('engine/op', `the memory of ${elementOf(handle.dtype).name} is not for reading`)
    }
    if (handle.at !== undefined) return handle.at
    const pointer = this.#api.devicePointer(handle.pointer, this.#status)
    check(
      this.#api,
      this.#status,
      () => `the memory of ${describe({ name: 'a tensor', attributes: [], inputs: [handle] })}`,
    )
    handle.at = pointer
    return pointer
  }

  getNumOfTensors(): number {
    return this.#handles.count
  }

  getNumOfSavedModels(): number {
    return 0
  }

  isUsingGpuDevice(): boolean {
    return this.#gpu
  }

  /** True when the memory of a tensor is that of this process, not of a GPU. */
  isOnHost(id: number): boolean {
    if (!this.#gpu) return true
    const { pointer } = this.#handles.get(id, () => 'the device of a tensor')
    return this.#api.deviceName(pointer, this.#status).includes('CPU')
  }

  #metadata(handle: Handle): TensorMetadata {
    return { id: this.#handles.add(handle), shape: [...handle.shape], dtype: handle.dtype }
  }
}
