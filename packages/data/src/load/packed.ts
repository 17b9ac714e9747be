/** What crosses to another thread: a copy where the value is a part of something larger. */
export interface Packed<T = unknown> {
  readonly value: T
  /** Memory that only this value uses, which can be handed over instead of copied. */
  readonly buffers: ReadonlySet<ArrayBuffer>
}

/** A value made ready for another thread; undefined where it cannot cross: functions, objects of classes. */
export function packed<T>(value: T): Packed<T> | undefined {
  const buffers = new Set<ArrayBuffer>()
  const copy = pack(value, buffers, 0)
  return copy === cannot ? undefined : { value: copy as T, buffers }
}

const cannot = Symbol('cannot cross')
const deepest = 16

function pack(x: unknown, buffers: Set<ArrayBuffer>, depth: number): unknown {
  if (typeof x === 'function' || typeof x === 'symbol' || depth > deepest) return cannot
  if (typeof x !== 'object' || x === null) return x
  if (ArrayBuffer.isView(x)) return packView(x, buffers)
  if (Array.isArray(x)) {
    const values = x.map((v) => pack(v, buffers, depth + 1))
    return values.includes(cannot) ? cannot : values
  }
  const prototype = Object.getPrototypeOf(x)
  if (prototype !== Object.prototype && prototype !== null) return cannot
  const entries = Object.entries(x).map(([key, v]) => [key, pack(v, buffers, depth + 1)] as const)
  return entries.some(([, v]) => v === cannot) ? cannot : Object.fromEntries(entries)
}

/** A view would take all of the memory that it looks into along. */
function packView(view: ArrayBufferView, buffers: Set<ArrayBuffer>): unknown {
  if (!(view.buffer instanceof ArrayBuffer)) return view
  const { byteOffset, byteLength, buffer } = view
  if (byteLength === buffer.byteLength) {
    buffers.add(buffer)
    return view
  }
  const copy = buffer.slice(byteOffset, byteOffset + byteLength)
  buffers.add(copy)
  const Kind = view.constructor as new (buffer: ArrayBuffer) => ArrayBufferView
  return view instanceof Uint8Array ? new Uint8Array(copy) : new Kind(copy)
}
