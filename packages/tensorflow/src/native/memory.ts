import koffi from 'koffi'
import type { Pointer } from './library.js'

let memcpy: ((to: Uint8Array | Pointer, from: Uint8Array | Pointer, bytes: number) => void) | undefined

/** Copies bytes between native memory and typed arrays, in either direction. */
export function copyBytes(to: Uint8Array | Pointer, from: Uint8Array | Pointer, bytes: number): void {
  if (bytes === 0) return
  memcpy ??= koffi.load(null).func('void memcpy(void *, const void *, size_t)') as NonNullable<typeof memcpy>
  memcpy(to, from, bytes)
}

/** Native memory seen as an ArrayBuffer, without a copy. Whoever asked must not use it after the memory is freed. */
export function viewBytes(pointer: Pointer, bytes: number): ArrayBuffer {
  return bytes === 0 ? new ArrayBuffer(0) : koffi.view(pointer, bytes)
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
