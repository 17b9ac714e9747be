import koffi from 'koffi'
import type { Pointer } from './library.js'

let memcpy: ((to: Uint8Array | Pointer, from: Uint8Array | Pointer, bytes: number) => void) | undefined

/** Copies bytes between native memory and typed arrays, in either direction. */
export function copyBytes(to: Uint8Array | Pointer, from: Uint8Array | Pointer, bytes: number): void {
  if (bytes === 0) return
  memcpy ??= koffi.load(null).func('void memcpy(void *, const void *, size_t)') as NonNullable<typeof memcpy>
  memcpy(to, from, bytes)
}

const views = new Map<Pointer, ArrayBuffer>()
const remembered = 512

/**
 * Native memory seen as an ArrayBuffer of at least so many bytes, without a copy. Whoever asked must not use it after the
 * memory is freed, nor what lies behind the bytes that were asked for. Views are kept, by address: tensors come back to
 * the same few places, and each new view would count as memory of JavaScript's, of which so much soon has the whole heap
 * collected.
 */
export function viewBytes(pointer: Pointer, bytes: number): ArrayBuffer {
  if (bytes === 0) return new ArrayBuffer(0)
  const found = views.get(pointer)
  if (found && found.byteLength >= bytes) return found
  if (views.size >= remembered) views.delete(views.keys().next().value!)
  const view: ArrayBuffer = koffi.view(pointer, bytes)
  views.set(pointer, view)
  return view
}

/** The bytes of an array, whatever its type. */
export function bytesOf(array: ArrayBufferView): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength)
}

const alignment = 64n

/** A native buffer that only grows, for what lives no longer than one call. */
export class Scratch {
  #memory: Pointer | undefined
  #bytes = 0

  /** At least `bytes` of memory, aligned for vector instructions; valid until the next call. */
  reserve(bytes: number): Pointer {
    if (bytes > this.#bytes || this.#memory === undefined) {
      if (this.#memory !== undefined) koffi.free(this.#memory)
      this.#memory = koffi.alloc('uint64_t', Math.ceil(bytes / 8) + Number(alignment) / 8) as Pointer
      this.#bytes = bytes
    }
    return (this.#memory + alignment - 1n) & -alignment
  }
}

/** The text that begins at an address and ends with a zero. */
export function addressAsText(address: Pointer): string {
  return koffi.decode(address, 'char', -1) as string
}
