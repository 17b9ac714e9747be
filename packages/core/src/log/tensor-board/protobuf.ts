import { concat } from '../bytes.js'

/** A field of a message, as protocol buffers write it. */
export type Field = Uint8Array

/** How a value lies behind its field number. */
const wire = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const

/** A whole number ≥ 0, or a boolean. */
export function int(field: number, value: number | boolean): Field {
  return concat([key(field, wire.varint), varint(Number(value))])
}

/** A number of 64 bits. */
export function double(field: number, value: number): Field {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setFloat64(0, value, true)
  return concat([key(field, wire.fixed64), bytes])
}

/** A number of 32 bits. */
export function float(field: number, value: number): Field {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setFloat32(0, value, true)
  return concat([key(field, wire.fixed32), bytes])
}

/** Bytes, or text. */
export function bytes(field: number, value: Uint8Array | string): Field {
  const encoded = typeof value === 'string' ? new TextEncoder().encode(value) : value
  return concat([key(field, wire.bytes), varint(encoded.length), encoded])
}

/** A message inside a message. */
export function message(field: number, fields: readonly Field[]): Field {
  return bytes(field, concat(fields))
}

function key(field: number, type: number): Uint8Array {
  return varint((field << 3) | type)
}

/** Seven bits a byte, the lowest first. */
function varint(value: number): Uint8Array {
  const groups: number[] = []
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Uint8Array.of(...groups, rest)
    groups.push((rest % 128) | 128)
  }
}
