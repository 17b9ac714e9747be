import { isNdArray } from '../nd-array.js'
import type { ContentDigest } from './content-digest.js'

/**
 * Writes what a value holds: texts, numbers, arrays and objects made of them. Of what has a class of its own the class
 * is written, and what it says of itself with `toJSON`; of functions the name.
 */
export function writeValue(out: ContentDigest, x: unknown, depth = 0): void {
  if (typeof x === 'string') out.text(x)
  else if (typeof x === 'number') out.number(x)
  else if (typeof x === 'boolean') out.mark('?', Number(x))
  else if (typeof x === 'function') writeNamed(out, 'f', x.name)
  else if (typeof x !== 'object') writeNamed(out, 'u', `${typeof x} ${String(x)}`)
  else if (x === null) out.mark('0', 0)
  else writeObject(out, x, depth)
}

/** Deeper than this nothing is looked at: what leads back to itself must end. */
const deepest = 16

function writeObject(out: ContentDigest, x: object, depth: number): void {
  const prototype = Object.getPrototypeOf(x)
  if (depth > deepest) out.mark('d', 0)
  else if (isNdArray(x)) writeBytes(out, `${x.kind ?? ''} ${x.dtype} [${x.shape}]`, x.data)
  else if (ArrayBuffer.isView(x)) writeBytes(out, x.constructor.name, x)
  else if (Array.isArray(x)) {
    out.mark('l', x.length)
    for (const element of x) writeValue(out, element, depth + 1)
  } else if (prototype === Object.prototype || prototype === null) {
    const keys = Object.keys(x).sort()
    out.mark('o', keys.length)
    for (const key of keys) {
      out.text(key)
      writeValue(out, (x as Readonly<Record<string, unknown>>)[key], depth + 1)
    }
  } else {
    writeNamed(out, 'c', x.constructor?.name ?? '')
    if ('toJSON' in x && typeof x.toJSON === 'function') writeValue(out, x.toJSON(), depth + 1)
  }
}

function writeNamed(out: ContentDigest, kind: string, name: string): void {
  out.mark(kind, 0)
  out.text(name)
}

function writeBytes(
  out: ContentDigest,
  kind: string,
  { buffer, byteOffset, byteLength }: ArrayBufferView,
): void {
  writeNamed(out, 'a', kind)
  out.bytes(new Uint8Array(buffer, byteOffset, byteLength))
}
