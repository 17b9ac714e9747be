import { tf } from '@espalier/core'
import type { RecordedMemory, Work } from '@espalier/core/kernels'
import { unrepeatable } from '@espalier/core/kernels'
import { sizeOf } from '@espalier/data'
import type { SourcedEntry } from '../backend/backend.js'
import type { Witness } from '../binding/binding.js'
import { elementOf } from '../binding/data-types.js'
import { bytesOf, copyBytes } from '../native/memory.js'
import { few, hostView } from './host-access.js'
import type { Native, Recorder } from './native-kernel.js'

/** More than so many bytes are better used again within a step than kept for the next one. */
const most = 2 ** 28

/** Keeps the tensors that recorded work has used where they lie. */
export class NativeRecordedMemory implements RecordedMemory, Recorder, Witness {
  readonly #native: Native
  /** Tensors from elsewhere, and which of the binding's they were. */
  readonly #outside = new Map<SourcedEntry, number>()
  /** What was given back meanwhile, by type and shape. */
  readonly #kept = new Map<string, number[]>()
  /** Type and shape of what was made here. */
  readonly #kinds = new Map<number, string>()
  readonly #owned = new Set<SourcedEntry>()
  #bytes = 0

  constructor(native: Native) {
    this.#native = native
    native.recorded = this
    native.backend.binding.witness = this
  }

  /** Called with each tensor whose memory is used. */
  uses(entry: SourcedEntry): void {
    if (entry.madeBefore === this) unrepeatable()
    else if (!this.#kinds.has(entry.id)) this.#outside.set(entry, entry.id)
  }

  /** Called with each tensor that is made. */
  makes(entry: SourcedEntry): void {
    if (this.#kinds.has(entry.id)) return
    this.#kinds.set(entry.id, kindOf(entry.shape, entry.dtype))
    this.#bytes += sizeOf(entry.shape) * elementOf(entry.dtype).bytes
    if (this.#bytes > most) unrepeatable()
  }

  operates(): void {
    unrepeatable()
  }

  /** Called with what goes when the recording does; so is what is given back meanwhile. */
  keeps(id: number): boolean {
    const kind = this.#kinds.get(id) ?? ''
    const ids = this.#kept.get(kind)
    if (ids) ids.push(id)
    else this.#kept.set(kind, [id])
    return true
  }

  spare(shape: readonly number[], dtype: number): number | undefined {
    return this.#kept.get(kindOf(shape, dtype))?.pop()
  }

  place(from: tf.Tensor): tf.Tensor {
    const { tensor } = this.#native.fresh(from.shape, this.#native.backend.entryOf(from).dtype)
    const made = tf.engine().makeTensorFromTensorInfo(tensor) as tf.Tensor
    this.write(made, from)
    return made
  }

  /** Few numbers are read in JavaScript next: they stay there. */
  copy(from: tf.Tensor): tf.Tensor {
    if (from.size > few) return this.place(from)
    const { backend } = this.#native
    const values = hostView(this.#native, from).slice()
    const held = backend.hold(from.shape, backend.entryOf(from).dtype, values)
    return tf.engine().makeTensorFromTensorInfo(held) as tf.Tensor
  }

  write(to: tf.Tensor, from: tf.Tensor): void {
    const { values, dtype } = this.#native.backend.entryOf(from)
    const bytes = sizeOf(to.shape) * elementOf(dtype).bytes
    const source = ArrayBuffer.isView(values) ? bytesOf(values) : this.#native.at(from)
    copyBytes(this.#native.at(to), source, bytes)
  }

  seal(): void {
    this.#native.recorded = undefined
    this.#native.backend.binding.witness = undefined
  }

  /** Called with each tensor that is written because its memory is its own. */
  owns(entry: SourcedEntry): void {
    this.#owned.add(entry)
  }

  intact(): boolean {
    for (const [entry, id] of this.#outside) {
      if (entry.gone || entry.id !== id) return false
      if (this.#owned.has(entry) && !(entry.own && entry.refCount === 1)) return false
    }
    return true
  }

  run(works: readonly Work[]): void {
    for (const work of works) work()
  }

  [Symbol.dispose](): void {
    for (const ids of this.#kept.values()) for (const id of ids) this.#native.backend.binding.deleteTensor(id)
    this.#kept.clear()
  }
}

const kindOf = (shape: readonly number[], dtype: number) => `${dtype} ${shape}`
