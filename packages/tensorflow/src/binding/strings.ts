import type { Pointer } from '../native/library.js'
import { copyBytes } from '../native/memory.js'
import type { TensorflowApi } from './api.js'
import { dataTypes, elementOf } from './data-types.js'

const size = BigInt(elementOf(dataTypes.string).bytes)

/** Fills the memory of a string tensor. */
export function writeStrings(api: TensorflowApi, at: Pointer, texts: readonly (Uint8Array | string)[]): void {
  for (const [i, text] of texts.entries()) {
    const place = at + BigInt(i) * size
    const bytes = typeof text === 'string' ? Buffer.from(text) : text
    api.stringInit(place)
    api.stringCopy(place, bytes, bytes.byteLength)
  }
}

/** The texts in the memory of a string tensor, as bytes. */
export function readStrings(api: TensorflowApi, at: Pointer, count: number): Uint8Array[] {
  return Array.from({ length: count }, (_, i) => {
    const place = at + BigInt(i) * size
    const bytes = new Uint8Array(api.stringBytes(place))
    copyBytes(bytes, api.stringData(place), bytes.length)
    return bytes
  })
}

/** Frees the texts in the memory of a string tensor that {@link writeStrings} wrote. */
export function freeStrings(api: TensorflowApi, at: Pointer, count: number): void {
  for (let i = 0; i < count; i++) api.stringFree(at + BigInt(i) * size)
}
