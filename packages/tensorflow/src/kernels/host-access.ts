import type { tf } from '@espalier/core'
import { isRecording, registerHostAccess } from '@espalier/core/kernels'
import { allocate, sizeOf, type TypedArray } from '@espalier/data'
import { dataTypes, elementOf } from '../binding/data-types.js'
import type { Pointer } from '../native/library.js'
import { viewBytes, viewFloats } from '../native/memory.js'
import { backendName, type Native } from './native-kernel.js'

/** Results up to this size stay in JavaScript: often the next one to read them is there too. */
export const few = 4096

/** Lets plain TypeScript read and write the memory of tensors in place. */
export function registerNativeHostAccess(native: Native): void {
  const { backend } = native
  registerHostAccess(backendName, {
    view: (_, t) => hostView(native, t),
    // Memory of a GPU cannot be written from here.
    ...(!backend.binding.isUsingGpuDevice() && { owns: (_: unknown, t: tf.TensorInfo) => native.owns(t) }),
    create(_, shape, dtype) {
      const size = sizeOf(shape)
      const type = dtype === 'int32' ? dataTypes.int32 : dataTypes.float
      const made =
        size > few || isRecording()
          ? native.fresh(shape, type).tensor
          : backend.hold(shape, type, allocate(dtype, size))
      backend.own(made)
      return made
    },
  })
}

/** The numbers of a tensor, to be read and written where they lie. */
export function hostView(native: Native, t: tf.TensorInfo): TypedArray {
  const { backend } = native
  const entry = backend.entryOf(t)
  if (!isRecording()) {
    if (entry.values !== null) return entry.values as TypedArray
    if (entry.view?.id === entry.id) return entry.view.numbers
  }
  const id = backend.idToRead(t)
  if (!backend.binding.isOnHost(id)) return backend.binding.tensorDataSync(id) as TypedArray
  const at = native.at(t)
  if (entry.view?.id !== id) entry.view = { id, numbers: viewAt(at, t) }
  return entry.view.numbers
}

function viewAt(at: Pointer, t: tf.TensorInfo): TypedArray {
  const size = sizeOf(t.shape)
  const dtype =
    t.dtype === 'float32' ? dataTypes.float : t.dtype === 'bool' ? dataTypes.bool : dataTypes.int32
  if (dtype === dataTypes.float) return viewFloats(at, size)
  const { buffer, byteOffset } = viewBytes(at, size * elementOf(dtype).bytes)
  const Numbers = dtype === dataTypes.bool ? Uint8Array : Int32Array
  return new Numbers(buffer, byteOffset, size)
}
