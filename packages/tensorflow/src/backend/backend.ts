import { tf } from '@espalier/core'
import type { TypedArray } from '@espalier/data'
import type { Binding, TensorMetadata, Witness } from '../binding/binding.js'
import { dataTypes } from '../binding/data-types.js'
import type { Entry, NodeBackend, NodeBackendClass } from './kernel-layer.js'

/** What a tensor's content comes from when no operation has asked for it yet. */
export interface Source {
  /** Makes the content; returns the binding's number of it. */
  produce(): number
  /** The tensor is gone. */
  dispose(): void
}

/** What is known of a tensor here. */
export interface SourcedEntry extends Entry {
  /** Nobody else sees its memory: it was made here, and neither read as an array nor handed to an operation. */
  own?: boolean
  source?: Source
  /** It was made from numbers of JavaScript's while this one watched. */
  madeBefore?: Witness | undefined
  /** Its numbers as the binding's tensor of this number has them. */
  view?: { readonly id: number; readonly numbers: TypedArray }
  /** The tensor was disposed. */
  gone?: boolean
}

/** The tfjs backend of the native engine: that of tfjs for Node, with tensors whose content comes later. */
export interface NativeBackend extends NodeBackend {
  /** The binding's number of a tensor, its content made if need be. */
  idOf(t: tf.TensorInfo): number
  /** The same for what does no more than read: operations of TensorFlow may give the memory to their results. */
  idToRead(t: tf.TensorInfo): number
  entryOf(t: tf.TensorInfo): SourcedEntry
  /** Says that the memory of a tensor is its alone, for as long as it is neither lent nor shared. */
  own(t: tf.TensorInfo): void
  /** Whether it still is: then it may be written. */
  owns(t: tf.TensorInfo): boolean
  /** Gives a variable new content, and the content no other owner. */
  become(variable: tf.Variable, content: tf.TensorInfo): void
  /** A tensor of tfjs for one of the binding. */
  wrap(tensor: TensorMetadata): tf.TensorInfo
  /** A tensor whose content stays in JavaScript until an operation asks for it. */
  hold(shape: readonly number[], dtype: number, values: tf.BackendValues): tf.TensorInfo
  /** A tensor whose content is made when it is first needed. */
  later(shape: readonly number[], dtype: number, source: Source): tf.TensorInfo
}

/** A backend over tfjs's Node kernels that hands content to TensorFlow only when an operation asks for it. */
export function createBackend(Base: NodeBackendClass, binding: Binding): NativeBackend {
  class Backend extends Base implements NativeBackend {
    override getInputTensorIds(tensors: readonly tf.TensorInfo[]): number[] {
      for (const t of tensors) if (t.dataId) settle(lent(this.entryOf(t)))
      return super.getInputTensorIds(tensors)
    }

    override move(
      dataId: tf.DataId,
      values: tf.BackendValues,
      shape: number[],
      dtype: tf.DataType,
      refCount: number,
    ): void {
      super.move(dataId, values, shape, dtype, refCount)
      const { witness } = this.binding
      if (witness) this.entryOf({ dataId, shape, dtype }).madeBefore = witness
    }

    override readSync(dataId: tf.DataId): tf.BackendValues {
      settle(lent(this.tensorMap.get(dataId)))
      return super.readSync(dataId)
    }

    override disposeData(dataId: tf.DataId, force?: boolean): boolean {
      const entry: SourcedEntry | undefined = this.tensorMap.has(dataId)
        ? this.tensorMap.get(dataId)
        : undefined
      const gone = super.disposeData(dataId, force)
      if (gone && entry) {
        entry.gone = true
        entry.source?.dispose()
      }
      return gone
    }

    entryOf(t: tf.TensorInfo): SourcedEntry {
      return this.tensorMap.get(t.dataId)
    }

    idOf(t: tf.TensorInfo): number {
      lent(this.entryOf(t))
      return this.idToRead(t)
    }

    idToRead(t: tf.TensorInfo): number {
      const entry = this.entryOf(t)
      settle(entry)
      if (entry.values !== null) {
        entry.id = this.binding.createTensor(entry.shape, entry.dtype, entry.values)
        entry.values = null
      }
      return entry.id
    }

    own(t: tf.TensorInfo): void {
      this.entryOf(t).own = true
    }

    owns(t: tf.TensorInfo): boolean {
      const { own, refCount } = this.entryOf(t)
      return own === true && refCount === 1
    }

    become(variable: tf.Variable, content: tf.TensorInfo): void {
      const tensor = tf.engine().makeTensorFromTensorInfo(content, this) as tf.Tensor
      variable.assign(tensor)
      tensor.dispose()
    }

    wrap({ id, shape, dtype }: TensorMetadata): tf.TensorInfo {
      return this.#add({ shape, dtype, values: null, id, refCount: 1 })
    }

    hold(shape: readonly number[], dtype: number, values: tf.BackendValues): tf.TensorInfo {
      const madeBefore = this.binding.witness
      return this.#add({ shape: [...shape], dtype, values, id: -1, refCount: 1, madeBefore })
    }

    later(shape: readonly number[], dtype: number, source: Source): tf.TensorInfo {
      return this.#add({ shape: [...shape], dtype, values: null, id: -1, refCount: 1, source })
    }

    #add(entry: SourcedEntry): tf.TensorInfo {
      const dataId = {}
      this.tensorMap.set(dataId, entry)
      return { dataId, shape: entry.shape, dtype: nameOf(entry.dtype) }
    }
  }
  return new Backend(binding, '@tensorflow/tfjs-node')
}

function settle(entry: SourcedEntry): void {
  if (entry.id < 0 && entry.values === null && entry.source) entry.id = entry.source.produce()
}

/** Somebody else may keep its memory from now on. */
function lent(entry: SourcedEntry): SourcedEntry {
  if (entry.own) entry.own = false
  return entry
}

/** tfjs's name of a type; types it does not know, which stay inside the kernels, are called int32. */
function nameOf(dtype: number): tf.DataType {
  if (dtype === dataTypes.float) return 'float32'
  return dtype === dataTypes.bool ? 'bool' : 'int32'
}
