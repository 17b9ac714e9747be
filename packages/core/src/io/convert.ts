import { EspalierError } from '@espalier/data'
import { quoted } from './quoted.js'
import type { SafeTensor } from './safetensors.js'
import { elementBytes, type SafeDType } from './safetensors-header.js'

/** The integers up to here, and no further, are all float32 numbers. */
const exactInFloat32 = 2 ** 24

/**
 * The numbers of a tensor as float32, whatever they are stored as. Integers beyond 2^24 and finite float64
 * numbers beyond float32's range are refused.
 */
export function toFloat32(name: string, tensor: SafeTensor): Float32Array {
  const { dtype, bytes } = tensor
  if (dtype === 'F32') {
    const out = new Float32Array(bytes.length / 4)
    new Uint8Array(out.buffer).set(bytes)
    return out
  }
  const numbers = numbersOf(tensor)
  const out = new Float32Array(numbers)
  if (dtype === 'F16' || dtype === 'BF16') return out
  for (let i = 0; i < out.length; i++) {
    const v = numbers[i]!
    const lost =
      dtype === 'F64' ? Number.isFinite(v) && !Number.isFinite(out[i]!) : Math.abs(v) > exactInFloat32
    if (lost) throw outOfRange(name, dtype, v, 'float32')
  }
  return out
}

/** The numbers of an integer or boolean tensor as int32; a float tensor or a number that does not fit is refused. */
export function toInt32(name: string, tensor: SafeTensor): Int32Array {
  const { dtype } = tensor
  if (dtype.includes('F')) {
    throw new EspalierError('weights/dtype', `tensor ${quoted(name)} holds ${dtype}, not integers`, {
      fix: 'convert it in Python first: tensor.int()',
    })
  }
  const numbers = numbersOf(tensor)
  const out = new Int32Array(numbers)
  for (let i = 0; i < out.length; i++) {
    if (out[i] !== numbers[i]) throw outOfRange(name, dtype, numbers[i]!, 'int32')
  }
  return out
}

/** Every element as a double; 64-bit integers beyond 2^53 are rounded, which leaves them out of every range. */
function numbersOf({ dtype, bytes }: SafeTensor): Float64Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const step = elementBytes[dtype]
  const read = readers[dtype]
  const out = new Float64Array(bytes.length / step)
  for (let i = 0; i < out.length; i++) out[i] = read(view, i * step)
  return out
}

const readers: Readonly<Record<SafeDType, (view: DataView, at: number) => number>> = {
  BOOL: (v, at) => (v.getUint8(at) ? 1 : 0),
  U8: (v, at) => v.getUint8(at),
  I8: (v, at) => v.getInt8(at),
  I16: (v, at) => v.getInt16(at, true),
  U16: (v, at) => v.getUint16(at, true),
  F16: (v, at) => halfToNumber(v.getUint16(at, true)),
  BF16: (v, at) => bfloatToNumber(v.getUint16(at, true)),
  I32: (v, at) => v.getInt32(at, true),
  U32: (v, at) => v.getUint32(at, true),
  F32: (v, at) => v.getFloat32(at, true),
  F64: (v, at) => v.getFloat64(at, true),
  I64: (v, at) => Number(v.getBigInt64(at, true)),
  U64: (v, at) => Number(v.getBigUint64(at, true)),
}

function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >> 10) & 31
  const fraction = bits & 1023
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15))
}

const word = new DataView(new ArrayBuffer(4))
/** The upper half of a float32. */
function bfloatToNumber(bits: number): number {
  word.setUint32(0, bits * 0x10000)
  return word.getFloat32(0)
}

function outOfRange(name: string, dtype: SafeDType, value: number, wanted: string): EspalierError {
  return new EspalierError(
    'weights/range',
    `tensor ${quoted(name)} (${dtype}) holds ${value}, which ${wanted} cannot`,
    { fix: 'are these weights? if so, scale them in Python first' },
  )
}
