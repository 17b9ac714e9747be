import koffi from 'koffi'
import type { Pointer } from './library.js'

let memcpy: ((to: Uint8Array | Pointer, from: Uint8Array | Pointer, bytes: number) => void) | undefined

/** Copies bytes between native memory and typed arrays, in either direction. */
export function copyBytes(to: Uint8Array | Pointer, from: Uint8Array | Pointer, bytes: number): void {
  if (bytes === 0) return
  memcpy ??= koffi.load(null).func('void memcpy(void *, const void *, size_t)') as NonNullable<typeof memcpy>
  memcpy(to, from, bytes)
}

/** A buffer begins at each gigabyte, and reaches 32 MB into the next: offsets stay what V8 holds as small integers. */
const [stride, overlap] = [2n ** 30n, 2 ** 25]
const page = 4096
const windows = new Map<bigint, ArrayBuffer>()

/**
 * Native memory seen as part of an ArrayBuffer, without a copy. Whoever asked must not use it after the memory is freed,
 * nor what lies around the bytes that were asked for. The buffers are few, large and kept: each new one counts as memory
 * of JavaScript's, of which so much soon has the whole heap collected.
 */
export function viewBytes(
  pointer: Pointer,
  bytes: number,
): { readonly buffer: ArrayBuffer; readonly byteOffset: number } {
  if (bytes === 0) return { buffer: new ArrayBuffer(0), byteOffset: 0 }
  const number = pointer / stride
  // There is no buffer at address 0.
  const start = number === 0n ? page : 0
  const byteOffset = Number(pointer % stride) - start
  const length = Number(stride) + overlap - start
  if (byteOffset + bytes > length) return { buffer: koffi.view(pointer, bytes), byteOffset: 0 }
  let buffer = windows.get(number)
  if (!buffer) {
    buffer = koffi.view(number * stride + BigInt(start), length) as ArrayBuffer
    windows.set(number, buffer)
  }
  return { buffer, byteOffset }
}

/** Numbers in native memory, seen the same way. */
export function viewFloats(pointer: Pointer, count: number): Float32Array {
  const { buffer, byteOffset } = viewBytes(pointer, count * Float32Array.BYTES_PER_ELEMENT)
  return new Float32Array(buffer, byteOffset, count)
}

/** The bytes of an array, whatever its type. */
export function bytesOf(array: ArrayBufferView): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength)
}

const alignment = 64n

/** A native buffer that only grows, for what lives no longer than one call. */
export class Scratch implements Disposable {
  #memory: Pointer | undefined
  #bytes = 0

  /** At least `bytes` of memory, aligned for vector instructions; valid until the next call. */
  reserve(bytes: number): Pointer {
    if (bytes > this.#bytes || this.#memory === undefined) {
      this[Symbol.dispose]()
      this.#memory = koffi.alloc('uint64_t', Math.ceil(bytes / 8) + Number(alignment) / 8) as Pointer
      this.#bytes = bytes
    }
    return (this.#memory! + alignment - 1n) & -alignment
  }

  [Symbol.dispose](): void {
    if (this.#memory !== undefined) koffi.free(this.#memory)
    this.#memory = undefined
    this.#bytes = 0
  }
}

/** The text that begins at an address and ends with a zero. */
export function addressAsText(address: Pointer): string {
  return koffi.decode(address, 'char', -1) as string
}
