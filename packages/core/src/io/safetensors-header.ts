import { EspalierError, reasonOf } from '@espalier/data'

/** Element types of the format, with the bytes one element takes. */
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
export type SafeDType = keyof typeof elementBytes

/** What the header says of one tensor. */
export interface Entry {
  readonly dtype: SafeDType
  readonly shape: readonly number[]
  readonly offsets: readonly [number, number]
}

const maxHeader = 100_000_000

/** Reads and checks the header; `begin` is where the tensors' bytes start. */
export function parseHeader(file: Uint8Array): {
  readonly entries: ReadonlyMap<string, Entry>
  readonly metadata: ReadonlyMap<string, string>
  readonly begin: number
} {
  if (file.length < 8) throw refuse('too-short', `${file.length} bytes cannot hold a header`)
  const length = new DataView(file.buffer, file.byteOffset, 8).getBigUint64(0, true)
  if (length > maxHeader)
    throw refuse('header-size', `the header claims ${length} bytes; at most ${maxHeader} are read`)
  const begin = 8 + Number(length)
  if (begin > file.length)
    throw refuse('header-size', `the header claims ${length} bytes, the file has ${file.length - 8} more`)
  const json = parseJson(file.subarray(8, begin))
  const metadata = new Map<string, string>()
  const entries = new Map<string, Entry>()
  for (const [name, value] of Object.entries(json)) {
    if (name === '__metadata__') {
      for (const [key, text] of Object.entries(value as object)) {
        if (typeof text !== 'string') throw refuse('metadata', `metadata '${key}' is not text`)
        metadata.set(key, text)
      }
    } else entries.set(name, checkEntry(name, value))
  }
  checkCoverage(entries, file.length - begin)
  return { entries, metadata, begin }
}

function parseJson(bytes: Uint8Array): object {
  if (bytes[0] !== 0x7b) throw refuse('header-json', 'the header does not start with {')
  let text: string
  let json: unknown
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    json = JSON.parse(text)
  } catch (error) {
    throw refuse('header-json', `the header is not JSON: ${reasonOf(error)}`)
  }
  const twice = duplicateKey(text)
  if (twice !== undefined) throw refuse('duplicate', `the header names '${twice}' twice`)
  return json as object
}

function checkEntry(name: string, value: unknown): Entry {
  const { dtype, shape, data_offsets: offsets } = (value ?? {}) as Record<string, unknown>
  const natural = (v: unknown) => Number.isSafeInteger(v) && (v as number) >= 0 && !Object.is(v, -0)
  if (typeof dtype !== 'string' || !Object.hasOwn(elementBytes, dtype)) {
    throw refuse('dtype', `tensor '${name}' has the unknown dtype ${JSON.stringify(dtype)}`)
  }
  if (!Array.isArray(shape) || !shape.every(natural))
    throw refuse('shape', `tensor '${name}' has the shape ${JSON.stringify(shape)}`)
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(natural)) {
    throw refuse('offsets', `tensor '${name}' has the offsets ${JSON.stringify(offsets)}`)
  }
  const bytes = shape.reduce((n: number, d: number) => n * d, elementBytes[dtype as SafeDType])
  if (!Number.isSafeInteger(bytes) || bytes !== offsets[1] - offsets[0]) {
    throw refuse(
      'size',
      `tensor '${name}': ${dtype} [${shape}] takes ${bytes} bytes, its offsets span ${offsets[1] - offsets[0]}`,
    )
  }
  return { dtype: dtype as SafeDType, shape, offsets: offsets as [number, number] }
}

/** Tensors must follow each other without holes or overlaps and fill the file. */
function checkCoverage(entries: ReadonlyMap<string, Entry>, size: number): void {
  let end = 0
  for (const [name, { offsets }] of [...entries].sort(
    ([, a], [, b]) => a.offsets[0] - b.offsets[0] || a.offsets[1] - b.offsets[1],
  )) {
    if (offsets[0] !== end)
      throw refuse('offsets', `tensor '${name}' begins at ${offsets[0]}, expected ${end}`)
    end = offsets[1]
  }
  if (end !== size) throw refuse('size', `the tensors take ${end} bytes, the file holds ${size}`)
}

/** The first key that an object at the top of a JSON text has twice; `JSON.parse` would keep the last silently. */
function duplicateKey(json: string): string | undefined {
  const seen = new Set<string>()
  let depth = 0
  for (const [token, isKey] of json.matchAll(/"(?:[^"\\]|\\.)*"(\s*:)?|[{}[\]]/g)) {
    if (token === '{' || token === '[') depth++
    else if (token === '}' || token === ']') depth--
    else if (isKey && depth === 1) {
      const key = JSON.parse(token.slice(0, -isKey.length)) as string
      if (seen.has(key)) return key
      seen.add(key)
    }
  }
  return undefined
}

function refuse(what: string, problem: string): EspalierError {
  return new EspalierError(`safetensors/${what}`, `not a valid safetensors file: ${problem}`)
}
