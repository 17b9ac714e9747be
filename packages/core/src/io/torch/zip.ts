import { EspalierError, reasonOf } from '@espalier/data'
import { Inflate } from 'fflate'
import { quoted } from '../quoted.js'
import type { Allowance } from './allowance.js'

/** One file of an archive. Its name is a key and never a path. */
export interface ZipEntry {
  readonly name: string
  /** As they are in the archive. */
  readonly packed: Uint8Array
  readonly deflated: boolean
  /** The size that the directory claims, in bytes, once inflated. */
  readonly size: number
}

const maxEntries = 200_000

/**
 * The entries of a zip archive, by its central directory; nothing is inflated. Throws `torch/zip` when it is
 * damaged, encrypted or packed in another way than stored and deflated.
 */
export function readZip(file: Uint8Array): ReadonlyMap<string, ZipEntry> {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength)
  try {
    const entries = new Map<string, ZipEntry>()
    let { at, count } = findDirectory(view)
    if (count > maxEntries) throw damaged(`it claims ${count} entries; at most ${maxEntries} are read`)
    for (; count > 0; count--) {
      const { entry, next } = readEntry(file, view, at)
      if (entries.has(entry.name)) throw damaged(`it holds ${quoted(entry.name)} twice`)
      entries.set(entry.name, entry)
      at = next
    }
    return entries
  } catch (error) {
    // A DataView throws a RangeError past its end.
    if (error instanceof RangeError) throw damaged('it is cut off', error)
    throw error
  }
}

/** The bytes of an entry: a view where it is stored; inflated, it is paid for from the allowance first. */
export function contents({ name, packed, deflated, size }: ZipEntry, allowance: Allowance): Uint8Array {
  if (!deflated) return packed
  allowance.spend(size, `the packed entry ${quoted(name)}`)
  const out = new Uint8Array(size)
  let filled = 0
  const stream = new Inflate((chunk) => {
    if (filled + chunk.length > size) throw damaged(`entry ${quoted(name)} is larger than it claims`)
    out.set(chunk, filled)
    filled += chunk.length
  })
  try {
    // In small steps: what one step inflates to is held beside `out`, at most 1032 times the step.
    for (let at = 0; at < packed.length; at += step) {
      stream.push(packed.subarray(at, at + step), at + step >= packed.length)
    }
  } catch (error) {
    if (error instanceof EspalierError) throw error
    throw damaged(`entry ${quoted(name)} cannot be inflated: ${reasonOf(error)}`, error)
  }
  if (filled !== size) throw damaged(`entry ${quoted(name)} holds ${filled} bytes, it claims ${size}`)
  return out
}

const step = 16_384
const [endSize, endSignature] = [22, 0x06054b50]
const [locatorSize, locatorSignature] = [20, 0x07064b50]

/** Where the central directory begins and how many entries it has; ZIP64 where the file says so. */
function findDirectory(view: DataView): { at: number; count: number } {
  const lowest = Math.max(0, view.byteLength - endSize - 0xffff)
  for (let end = view.byteLength - endSize; end >= lowest; end--) {
    if (view.getUint32(end, true) !== endSignature) continue
    const locator = end - locatorSize
    if (locator >= 0 && view.getUint32(locator, true) === locatorSignature) {
      const end64 = uint64(view, locator + 8)
      return { count: uint64(view, end64 + 32), at: uint64(view, end64 + 48) }
    }
    return { count: view.getUint16(end + 10, true), at: view.getUint32(end + 16, true) }
  }
  throw damaged('it has no directory; it may have been cut off')
}

function readEntry(file: Uint8Array, view: DataView, at: number): { entry: ZipEntry; next: number } {
  if (view.getUint32(at, true) !== 0x02014b50) throw damaged('its directory is broken')
  const [flags, method] = [view.getUint16(at + 8, true), view.getUint16(at + 10, true)]
  const [nameLength, extraLength] = [view.getUint16(at + 28, true), view.getUint16(at + 30, true)]
  const next = at + 46 + nameLength + extraLength + view.getUint16(at + 32, true)
  const name = new TextDecoder().decode(file.subarray(at + 46, at + 46 + nameLength))
  if (flags & 1) throw damaged(`entry ${quoted(name)} is encrypted`)
  if (method !== 0 && method !== 8) throw damaged(`entry ${quoted(name)} is packed by method ${method}`)
  const wide = wideFields(view, at + 46 + nameLength, extraLength)
  const field = (offset: number) => {
    const value = view.getUint32(at + offset, true)
    return value === 0xffffffff ? (wide.shift() ?? value) : value
  }
  // In this order: ZIP64 keeps the wide values of those that need one, one after the other.
  const [size, packedSize, header] = [field(24), field(20), field(42)]
  if (view.getUint32(header, true) !== 0x04034b50)
    throw damaged(`entry ${quoted(name)} is not where it should be`)
  const begin = header + 30 + view.getUint16(header + 26, true) + view.getUint16(header + 28, true)
  if (!(begin + packedSize <= file.length)) throw damaged(`entry ${quoted(name)} lies outside the file`)
  if (method === 0 && size !== packedSize) throw damaged(`entry ${quoted(name)} has two sizes`)
  const packed = file.subarray(begin, begin + packedSize)
  return { entry: { name, packed, deflated: method === 8, size }, next }
}

/** The 64-bit values of the ZIP64 extra field (id 1). */
function wideFields(view: DataView, at: number, length: number): number[] {
  for (let p = at; p + 4 <= at + length; p += 4 + view.getUint16(p + 2, true)) {
    if (view.getUint16(p, true) !== 1) continue
    const count = Math.floor(view.getUint16(p + 2, true) / 8)
    return Array.from({ length: count }, (_, i) => uint64(view, p + 4 + 8 * i))
  }
  return []
}

function uint64(view: DataView, at: number): number {
  return Number(view.getBigUint64(at, true))
}

function damaged(problem: string, cause?: unknown): EspalierError {
  return new EspalierError('torch/zip', `cannot read this zip archive: ${problem}`, {
    fix: 'download or save it again',
    ...(cause === undefined ? {} : { cause }),
  })
}
