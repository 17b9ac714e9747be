import { isNdArray } from '../nd-array.js'
import type { ContentDigest } from './content-digest.js'

/**
 * Writes what a value holds: texts, numbers, arrays and objects made of them. Of what has a class of its own the class
 * is written, and what it says of itself with `toJSON`; of functions the name.
 */
export function writeValue(out: ContentDigest, x: unknown, depth = 0): void {
  switch (typeof x) {
    case 'string':
      return out.text(x)
    case 'number':
      return out.number(x)
    case 'boolean':
      return out.mark('?', Number(x))
    case 'bigint':
      out.mark('i', 0)
      return out.text(String(x))
    case 'object':
      return x === null ? out.mark('0', 0) : writeObject(out, x, depth)
    case 'function':
      out.mark('f', 0)
      return out.text(x.name)
    default:
      return out.mark('u', 0)
  }
}

/** Deeper than this nothing is looked at: what leads back to itself must end. */
const deepest = 16

function writeObject(out: ContentDigest, x: object, depth: number): void {
  if (depth > deepest) return out.mark('…', 0)
  if (isNdArray(x)) {
    out.text(`${x.kind ?? ''} ${x.dtype} [${x.shape}]`)
    return out.bytes(bytesOf(x.data))
  }
  if (ArrayBuffer.isView(x)) {
    out.text(x.constructor.name)
    return out.bytes(bytesOf(x))
  }
  if (Array.isArray(x)) {
    out.mark('l', x.length)
    for (const element of x) writeValue(out, element, depth + 1)
    return
  }
  const prototype = Object.getPrototypeOf(x)
  if (prototype !== Object.prototype && prototype !== null) {
    out.text(x.constructor?.name ?? '')
    return 'toJSON' in x && typeof x.toJSON === 'function' ? writeValue(out, x.toJSON(), depth + 1) : undefined
  }
  const keys = Object.keys(x).sort()
  out.mark('o', keys.length)
  for (const key of keys) {
    out.text(key)
    writeValue(out, (x as Readonly<Record<string, unknown>>)[key], depth + 1)
  }
}

function bytesOf(data: ArrayBufferView): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
}
