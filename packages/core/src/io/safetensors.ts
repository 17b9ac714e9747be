import { EspalierError, sizeOf } from '@espalier/data'
import { elementBytes, parseHeader, type SafeDType } from './safetensors-header.js'

/** One tensor of a file: a view of its bytes, not yet converted. */
export interface SafeTensor {
  readonly dtype: SafeDType
  readonly shape: readonly number[]
  readonly bytes: Uint8Array
}

export interface SafetensorsFile {
  readonly tensors: ReadonlyMap<string, SafeTensor>
  readonly metadata: ReadonlyMap<string, string>
}

/**
 * Reads a safetensors file that is in memory. Nothing in it is executed or used as a path; every length, offset
 * and shape is checked before anything is allocated, and a file that breaks a rule of the format is refused.
 */
export function readSafetensors(file: Uint8Array): SafetensorsFile {
  const { entries, metadata, begin } = parseHeader(file)
  const tensors = new Map<string, SafeTensor>()
  for (const [name, { dtype, shape, offsets }] of entries) {
    tensors.set(name, { dtype, shape, bytes: file.subarray(begin + offsets[0], begin + offsets[1]) })
  }
  return { tensors, metadata }
}

/** The numbers of a tensor as float32, whatever they are stored as. Integers beyond 2^24 are refused. */
export function toFloat32(name: string, { dtype, shape, bytes }: SafeTensor): Float32Array {
  const n = sizeOf(shape)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const read = readers[dtype]
  const out = new Float32Array(n)
  if (dtype === 'F32') {
    new Uint8Array(out.buffer).set(bytes)
    return out
  }
  for (let i = 0; i < n; i++) out[i] = read(view, i * elementBytes[dtype])
  if (/^[IU]/.test(dtype) && out.some((v) => Math.abs(v) > 2 ** 24)) {
    throw new EspalierError(
      'safetensors/range',
      `tensor '${name}' (${dtype}) holds integers that float32 cannot`,
    )
  }
  return out
}

/** The numbers of an integer or boolean tensor as int32; one that does not fit is refused. */
export function toInt32(name: string, { dtype, shape, bytes }: SafeTensor): Int32Array {
  if (/F/.test(dtype))
    throw new EspalierError('safetensors/dtype', `tensor '${name}' holds ${dtype}, not integers`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return Int32Array.from({ length: sizeOf(shape) }, (_, i) => {
    const v = readers[dtype](view, i * elementBytes[dtype])
    if (v !== (v | 0))
      throw new EspalierError('safetensors/range', `tensor '${name}' holds ${v}, which int32 cannot`)
    return v
  })
}

const readers: Readonly<Record<SafeDType, (view: DataView, at: number) => number>> = {
  BOOL: (v, at) => v.getUint8(at),
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
function bfloatToNumber(bits: number): number {
  word.setUint32(0, bits * 0x10000)
  return word.getFloat32(0)
}

/** A tensor to be written. */
export interface Written {
  readonly shape: readonly number[]
  readonly data: Float32Array | Int32Array | Uint8Array | BigInt64Array
}

const writtenAs = (data: Written['data']): SafeDType =>
  data instanceof Float32Array
    ? 'F32'
    : data instanceof Int32Array
      ? 'I32'
      : data instanceof Uint8Array
        ? 'U8'
        : 'I64'

/** Writes tensors, in the given order, as a safetensors file; the same tensors always give the same bytes. */
export function writeSafetensors(
  tensors: ReadonlyMap<string, Written>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const header: Record<string, unknown> = Object.create(null)
  if (Object.keys(metadata).length > 0) header['__metadata__'] = metadata
  let end = 0
  for (const [name, { shape, data }] of tensors) {
    if (data.length !== sizeOf(shape)) {
      throw new EspalierError(
        'safetensors/shape',
        `tensor '${name}': shape [${shape}] needs ${sizeOf(shape)} numbers, got ${data.length}`,
      )
    }
    header[name] = { dtype: writtenAs(data), shape, data_offsets: [end, end + data.byteLength] }
    end += data.byteLength
  }
  const json = new TextEncoder().encode(JSON.stringify(header))
  const length = Math.ceil(json.length / 8) * 8
  const file = new Uint8Array(8 + length + end).fill(0x20, 8, 8 + length)
  new DataView(file.buffer).setBigUint64(0, BigInt(length), true)
  file.set(json, 8)
  let at = 8 + length
  for (const { data } of tensors.values()) {
    file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at)
    at += data.byteLength
  }
  return file
}
