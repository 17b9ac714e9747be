import { EspalierError, reasonOf } from '@espalier/data'
import { quoted } from './quoted.js'
import { jsonProblem } from './strict-json.js'

/** Element types of the format that are read, with the bytes one element takes. */
export const elementBytes = {
  BOOL: 1,
  U8: 1,
  I8: 1,
  I16: 2,
  U16: 2,
  F16: 2,
  BF16: 2,
  I32: 4,
  U32: 4,
  F32: 4,
  F64: 8,
  I64: 8,
  U64: 8,
} as const
/** An element type by its name in safetensors: `F32`, `BF16`, `I64`. */
export type SafeDType = keyof typeof elementBytes

/** What the header says of one tensor. */
export interface Entry {
  readonly dtype: SafeDType
  readonly shape: readonly number[]
  readonly offsets: readonly [number, number]
}

/** The checked header of a file. */
export interface Header {
  /** By name, in the order of their bytes. */
  readonly entries: ReadonlyMap<string, Entry>
  readonly metadata: ReadonlyMap<string, string>
  /** Where the tensors' bytes start. */
  readonly begin: number
}

/** The reference implementation's limit, in bytes. */
export const maxHeader = 100_000_000

/** The header's length that the first 8 bytes claim; undefined when there are fewer. */
export function headerLength(file: Uint8Array): bigint | undefined {
  if (file.length < 8) return undefined
  return new DataView(file.buffer, file.byteOffset, 8).getBigUint64(0, true)
}

/** Reads and checks the header. Throws a `safetensors/…` error that says which rule the file breaks. */
export function parseHeader(file: Uint8Array): Header {
  const length = headerLength(file)
  if (length === undefined) throw refuse('too-short', `${file.length} bytes cannot hold a header`)
  if (length > maxHeader)
    throw refuse('header-size', `the header claims ${length} bytes; at most ${maxHeader} are read`)
  const begin = 8 + Number(length)
  if (begin > file.length)
    throw refuse('header-size', `the header claims ${length} bytes, the file has ${file.length - 8} more`)
  const entries: [string, Entry][] = []
  let metadata: ReadonlyMap<string, string> = new Map()
  for (const [name, value] of Object.entries(parseJson(file.subarray(8, begin)))) {
    if (name === '__metadata__') metadata = checkMetadata(value)
    else entries.push([name, checkEntry(name, value)])
  }
  entries.sort(([, { offsets: a }], [, { offsets: b }]) => a[0] - b[0] || a[1] - b[1])
  checkCoverage(entries, file.length - begin)
  return { entries: new Map(entries), metadata, begin }
}

const problems = {
  duplicate: 'a name or field occurs twice',
  number: 'a number is not a plain natural number',
  depth: 'it nests too deeply',
} as const

function parseJson(bytes: Uint8Array): object {
  if (bytes[0] !== 0x7b) throw refuse('header-json', 'the header does not start with {')
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    const problem = jsonProblem(text)
    if (problem) throw refuse(`header-${problem}`, `in the header, ${problems[problem]}`)
    return JSON.parse(text) as object
  } catch (error) {
    if (error instanceof EspalierError) throw error
    throw refuse('header-json', `the header is not JSON: ${quoted(reasonOf(error))}`)
  }
}

function checkMetadata(value: unknown): Map<string, string> {
  if (value === null) return new Map()
  if (typeof value !== 'object' || Array.isArray(value)) {
    throw refuse('metadata', `the metadata is ${quoted(value)}, not an object`)
  }
  const metadata = new Map<string, string>()
  for (const [key, text] of Object.entries(value)) {
    if (typeof text !== 'string' || !isWellFormed(key + text)) {
      throw refuse('metadata', `metadata ${quoted(key)} is not text`)
    }
    metadata.set(key, text)
  }
  return metadata
}

function checkEntry(name: string, value: unknown): Entry {
  if (!isWellFormed(name)) throw refuse('name', `the name ${quoted(name)} is not valid Unicode`)
  const { dtype, shape, data_offsets: offsets } = (value ?? {}) as Record<string, unknown>
  if (!isDType(dtype)) throw refuse('dtype', `tensor ${quoted(name)} has the unknown dtype ${quoted(dtype)}`)
  if (!isNaturals(shape)) throw refuse('shape', `tensor ${quoted(name)} has the shape ${quoted(shape)}`)
  if (!isNaturals(offsets) || !isPair(offsets)) {
    throw refuse('offsets', `tensor ${quoted(name)} has the offsets ${quoted(offsets)}`)
  }
  const bytes = bytesOf(dtype, shape)
  if (bytes !== offsets[1] - offsets[0]) {
    throw refuse(
      'size',
      `tensor ${quoted(name)}: ${dtype} ${quoted(shape)} takes ${bytes ?? 'too many'} bytes, its offsets span ${offsets[1] - offsets[0]}`,
    )
  }
  return { dtype, shape, offsets }
}

/** The bytes that a tensor takes; undefined when they, or the product of the first few sizes, pass 2^53. */
export function bytesOf(dtype: SafeDType, shape: readonly number[]): number | undefined {
  let bytes: number = elementBytes[dtype]
  for (const d of shape) {
    bytes *= d
    if (!Number.isSafeInteger(bytes)) return undefined
  }
  return bytes
}

/** Tensors must follow each other without holes or overlaps and fill the file. */
function checkCoverage(sorted: readonly (readonly [string, Entry])[], size: number): void {
  let end = 0
  for (const [name, { offsets }] of sorted) {
    if (offsets[0] !== end)
      throw refuse('offsets', `tensor ${quoted(name)} begins at ${offsets[0]}, expected ${end}`)
    end = offsets[1]
  }
  if (end !== size) throw refuse('size', `the tensors take ${end} bytes, the file holds ${size}`)
}

function isDType(value: unknown): value is SafeDType {
  return typeof value === 'string' && Object.hasOwn(elementBytes, value)
}

function isNaturals(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((v) => Number.isSafeInteger(v) && v >= 0)
}

function isPair(values: readonly number[]): values is readonly [number, number] {
  return values.length === 2
}

/** False for text with half a surrogate pair, which UTF-8 cannot hold. */
export function isWellFormed(text: string): boolean {
  return !/\p{Surrogate}/u.test(text)
}

function refuse(what: string, problem: string): EspalierError {
  return new EspalierError(`safetensors/${what}`, `not a valid safetensors file: ${problem}`, {
    fix: 'it is damaged, or was tampered with: download or save it again',
  })
}
