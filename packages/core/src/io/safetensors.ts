import { EspalierError } from '@espalier/data'
import { quoted } from './quoted.js'
import { bytesOf, isWellFormed, parseHeader, type SafeDType } from './safetensors-header.js'

/** One tensor of a file: a view of its bytes (little-endian, row-major), not yet converted. */
export interface SafeTensor {
  readonly dtype: SafeDType
  readonly shape: readonly number[]
  readonly bytes: Uint8Array
}

/** The content of a safetensors file. */
export interface SafetensorsFile {
  /** By name, in the order of their bytes. */
  readonly tensors: ReadonlyMap<string, SafeTensor>
  readonly metadata: ReadonlyMap<string, string>
}

/**
 * Reads a safetensors file that is in memory. Nothing in it is executed or used as a path; every length, offset
 * and shape is checked before anything is allocated, and a file that breaks a rule of the format is refused
 * with a `safetensors/…` error. No tensor is copied: the views keep the file alive.
 */
export function readSafetensors(file: Uint8Array): SafetensorsFile {
  const { entries, metadata, begin } = parseHeader(file)
  const tensors = new Map<string, SafeTensor>()
  for (const [name, { dtype, shape, offsets }] of entries) {
    tensors.set(name, { dtype, shape, bytes: file.subarray(begin + offsets[0], begin + offsets[1]) })
  }
  return { tensors, metadata }
}

/** A tensor to be written. */
export interface Written {
  readonly shape: readonly number[]
  readonly data: Float32Array | Int32Array | Uint8Array | BigInt64Array
}

/** Writes tensors, in the given order, as a safetensors file; the same tensors always give the same bytes. */
export function writeSafetensors(
  tensors: ReadonlyMap<string, Written>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const entries = [...tensors].map(([name, tensor]) => {
    checkWritten(name, tensor)
    return { name, dtype: writtenAs(tensor.data), shape: tensor.shape, bytes: tensor.data.byteLength }
  })
  const header = safetensorsHeader(entries, metadata)
  const file = new Uint8Array(header.length + entries.reduce((sum, e) => sum + e.bytes, 0))
  file.set(header)
  let at = header.length
  for (const { data } of tensors.values()) {
    file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at)
    at += data.byteLength
  }
  return file
}

/** A tensor that a header announces. */
export interface Announced {
  readonly name: string
  readonly dtype: SafeDType
  readonly shape: readonly number[]
  readonly bytes: number
}

/** The beginning of a safetensors file: its length, and what follows it in which order. */
export function safetensorsHeader(
  tensors: readonly Announced[],
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  checkText(metadata)
  // Text, not an object: objects sort keys that look like numbers before the others.
  const fields = Object.keys(metadata).length > 0 ? [`"__metadata__":${JSON.stringify(metadata)}`] : []
  let end = 0
  for (const { name, dtype, shape, bytes } of tensors) {
    fields.push(
      `${JSON.stringify(name)}:${JSON.stringify({ dtype, shape, data_offsets: [end, end + bytes] })}`,
    )
    end += bytes
  }
  const json = new TextEncoder().encode(`{${fields.join(',')}}`)
  const length = Math.ceil(json.length / 8) * 8
  const header = new Uint8Array(8 + length).fill(0x20, 8)
  new DataView(header.buffer).setBigUint64(0, BigInt(length), true)
  header.set(json, 8)
  return header
}

function writtenAs(data: Written['data']): SafeDType {
  if (data instanceof Float32Array) return 'F32'
  if (data instanceof Int32Array) return 'I32'
  return data instanceof Uint8Array ? 'U8' : 'I64'
}

function checkText(metadata: Readonly<Record<string, string>>): void {
  for (const [key, text] of Object.entries(metadata)) {
    if (!isWellFormed(key + text)) {
      throw new EspalierError('safetensors/metadata', `metadata ${quoted(key)} is not valid Unicode`)
    }
  }
}

function checkWritten(name: string, { shape, data }: Written): void {
  if (name === '__metadata__' || !isWellFormed(name)) {
    throw new EspalierError(
      'safetensors/name',
      `a tensor cannot be named ${quoted(name)} in a safetensors file`,
    )
  }
  const needed = shape.every((d) => d >= 0) ? bytesOf(writtenAs(data), shape) : undefined
  if (needed !== data.byteLength) {
    throw new EspalierError(
      'safetensors/shape',
      `tensor ${quoted(name)}: shape ${quoted(shape)} needs ${needed} bytes, got ${data.byteLength}`,
    )
  }
}
