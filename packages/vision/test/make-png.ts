import { deflateSync } from 'node:zlib'

/** How a PNG with a palette is written. */
export interface PngForm {
  readonly depth?: 1 | 2 | 4 | 8
  /** 0 none, 1 left, 2 above, 3 mean, 4 Paeth; a list is taken in turn, line by line. */
  readonly filters?: readonly number[]
  readonly interlaced?: boolean
  readonly palette: readonly (readonly [number, number, number])[]
}

/** Writes places `[h][w]` in a palette as a PNG. */
export function palettePngOf(rows: readonly (readonly number[])[], form: PngForm): Uint8Array {
  const { depth = 8, filters = [0], interlaced = false, palette } = form
  const [height, width] = [rows.length, rows[0]!.length]
  const passes = interlaced
    ? [
        [0, 0, 8, 8],
        [4, 0, 8, 8],
        [0, 4, 4, 8],
        [2, 0, 4, 4],
        [0, 2, 2, 4],
        [1, 0, 2, 2],
        [0, 1, 1, 2],
      ]
    : [[0, 0, 1, 1]]
  const lines: number[] = []
  let n = 0
  for (const [x0, y0, dx, dy] of passes as [number, number, number, number][]) {
    let above: number[] = []
    for (let y = y0; y < height; y += dy) {
      const places = rows[y]!.filter((_, x) => x >= x0 && (x - x0) % dx === 0)
      if (places.length === 0) continue
      const line = packed(places, depth)
      const filter = filters[n++ % filters.length]!
      lines.push(filter, ...line.map((byte, i) => (byte - guess(filter, line, above, i) + 256) % 256))
      above = line
    }
  }
  const head = [...word(width), ...word(height), depth, 3, 0, 0, Number(interlaced)]
  const data = deflateSync(Uint8Array.from(lines))
  // In two pieces, as long files have them.
  const half = Math.floor(data.length / 2)
  return Uint8Array.from([
    ...[0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a],
    ...chunk('IHDR', head),
    ...chunk('PLTE', palette.flat()),
    ...chunk('IDAT', [...data.subarray(0, half)]),
    ...chunk('IDAT', [...data.subarray(half)]),
    ...chunk('IEND', []),
  ])
}

function guess(filter: number, line: readonly number[], above: readonly number[], i: number): number {
  const [a, b, c] = [line[i - 1] ?? 0, above[i] ?? 0, above[i - 1] ?? 0]
  if (filter === 1) return a
  if (filter === 2) return b
  if (filter === 3) return Math.floor((a + b) / 2)
  if (filter !== 4) return 0
  const distances = [a, b, c].map((v) => Math.abs(a + b - c - v))
  const least = Math.min(...distances)
  return [a, b, c][distances.indexOf(least)]!
}

function packed(places: readonly number[], depth: number): number[] {
  const bytes = new Array<number>(Math.ceil((places.length * depth) / 8)).fill(0)
  for (const [i, place] of places.entries()) {
    const bit = i * depth
    bytes[bit >> 3]! |= place << (8 - depth - (bit % 8))
  }
  return bytes
}

const word = (n: number) => [n >>> 24, (n >>> 16) & 255, (n >>> 8) & 255, n & 255]

function chunk(type: string, body: readonly number[]): number[] {
  const named = [...type].map((c) => c.charCodeAt(0)).concat(body)
  return [...word(body.length), ...named, ...word(crc(named))]
}

function crc(bytes: readonly number[]): number {
  let c = 0xffffffff
  for (const byte of bytes) {
    c ^= byte
    for (let k = 0; k < 8; k++) c = c & 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1
  }
  return (c ^ 0xffffffff) >>> 0
}
