import { open } from 'node:fs/promises'
import { promisify } from 'node:util'
import { inflate } from 'node:zlib'
import { type NdArray, ndArray, SkipItem } from '@espalier/data'
import type { Size } from '../image/geometry.js'
import { megapixels } from './probe.js'
import { unreadable } from './unreadable.js'

const inflated = promisify(inflate)
const signature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]

/** The head of a PNG whose pixels are places in a palette. */
interface Head extends Size {
  /** Bits per pixel: 1, 2, 4 or 8. */
  readonly depth: number
  readonly interlaced: boolean
}

/** A PNG with a palette: its size, and the compressed places. */
export interface PalettePng {
  readonly size: Size
  /** The places in the palette, `[h, w, 1]`. Other decoders only give the colours that lie there. */
  read(): Promise<NdArray<'uint8'>>
}

/** Opens a PNG with a palette; throws `SkipItem` where it is none, damaged or too large. */
export async function palettePng(input: string | Uint8Array, maxPixels: number): Promise<PalettePng> {
  try {
    const bytes = typeof input === 'string' ? await fileOf(input, maxPixels) : bufferOf(input)
    const { head, data } = chunksOf(bytes)
    if (head.width * head.height > maxPixels) {
      throw new SkipItem(`${head.width}×${head.height} px, at most ${megapixels(maxPixels)} are read`)
    }
    return { size: { width: head.width, height: head.height }, read: () => placesOf(head, data) }
  } catch (error) {
    throw await unreadable(error, input)
  }
}

const bufferOf = ({ buffer, byteOffset, byteLength }: Uint8Array) =>
  Buffer.from(buffer, byteOffset, byteLength)

async function fileOf(path: string, maxPixels: number): Promise<Buffer> {
  const file = await open(path)
  try {
    const stat = await file.stat()
    if (!stat.isFile()) throw new SkipItem(stat.isDirectory() ? 'a folder, not a file' : 'not a plain file')
    // Places are packed: a file of more bytes than pixels holds something else.
    if (stat.size > 2 * maxPixels + 2 ** 20) throw new SkipItem(`a file of ${megabytes(stat.size)}`)
    return await file.readFile()
  } finally {
    await file.close()
  }
}

const megabytes = (bytes: number) => `${Math.round(bytes / 2 ** 20)} MiB`

function chunksOf(bytes: Buffer): { readonly head: Head; readonly data: Buffer } {
  if (!signature.every((byte, i) => bytes[i] === byte)) throw new SkipItem('no PNG')
  let head: Head | undefined
  const data: Buffer[] = []
  for (let at = 8; at + 12 <= bytes.length; ) {
    const length = bytes.readUInt32BE(at)
    const type = bytes.toString('latin1', at + 4, at + 8)
    const body = bytes.subarray(at + 8, at + 8 + length)
    if (body.length < length) throw new SkipItem('truncated PNG')
    if (type === 'IHDR') head = headOf(body)
    if (type === 'IDAT') data.push(body)
    if (type === 'IEND') break
    at += 12 + length
  }
  if (!head || data.length === 0) throw new SkipItem('truncated PNG')
  return { head, data: Buffer.concat(data) }
}

function headOf(body: Buffer): Head {
  if (body.length < 13) throw new SkipItem('damaged PNG')
  const [width, height] = [body.readUInt32BE(0), body.readUInt32BE(4)]
  const [depth = 0, color, compression, filter, interlace = 0] = body.subarray(8)
  if (color !== 3) throw new SkipItem('this PNG has no palette')
  if (
    ![1, 2, 4, 8].includes(depth) ||
    compression !== 0 ||
    filter !== 0 ||
    interlace > 1 ||
    width * height === 0
  )
    throw new SkipItem('damaged PNG')
  return { width, height, depth, interlaced: interlace === 1 }
}

/** Where the pixels of each pass of an interlaced picture begin, and how far apart they lie. */
const passes = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const

async function placesOf(head: Head, data: Buffer): Promise<NdArray<'uint8'>> {
  const { width, height, depth, interlaced } = head
  const laid = (interlaced ? passes : ([[0, 0, 1, 1]] as const)).map(([x, y, dx, dy]) => ({
    ...{ x, y, dx, dy },
    columns: Math.ceil((width - x) / dx),
    rows: Math.ceil((height - y) / dy),
  }))
  const used = laid.filter(({ columns, rows }) => columns > 0 && rows > 0)
  const stride = (columns: number) => Math.ceil((columns * depth) / 8)
  const length = used.reduce((sum, { columns, rows }) => sum + rows * (1 + stride(columns)), 0)
  const raw = await inflated(data, { maxOutputLength: length }).catch(() => {
    throw new SkipItem('damaged PNG')
  })
  if (raw.length < length) throw new SkipItem('truncated PNG')
  const places = new Uint8Array(width * height)
  let at = 0
  for (const { x, y, dx, dy, columns, rows } of used) {
    const bytes = stride(columns)
    let before = new Uint8Array(bytes)
    for (let row = 0; row < rows; row++, at += 1 + bytes) {
      const line = unfiltered(raw[at]!, raw.subarray(at + 1, at + 1 + bytes), before)
      for (let i = 0; i < columns; i++) {
        const bit = i * depth
        const shift = 8 - depth - (bit % 8)
        places[(y + row * dy) * width + x + i * dx] = (line[bit >> 3]! >> shift) & (2 ** depth - 1)
      }
      before = line
    }
  }
  return ndArray('uint8', [height, width, 1], places)
}

/** Takes back the filter of a line (a byte is a pixel or less, so its neighbour is one byte away). */
function unfiltered(filter: number, line: Uint8Array, above: Uint8Array): Uint8Array<ArrayBuffer> {
  if (filter > 4) throw new SkipItem('damaged PNG')
  const result = new Uint8Array(line.length)
  for (let i = 0; i < line.length; i++) {
    const [left, up, corner] = [result[i - 1] ?? 0, above[i]!, above[i - 1] ?? 0]
    const guess =
      filter === 1
        ? left
        : filter === 2
          ? up
          : filter === 3
            ? (left + up) >> 1
            : filter === 4
              ? paeth(left, up, corner)
              : 0
    result[i] = line[i]! + guess
  }
  return result
}

function paeth(left: number, up: number, corner: number): number {
  const guess = left + up - corner
  const [a, b, c] = [Math.abs(guess - left), Math.abs(guess - up), Math.abs(guess - corner)]
  if (a <= b && a <= c) return left
  return b <= c ? up : corner
}
