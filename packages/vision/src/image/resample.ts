import { type NdArray, ndArray } from '@espalier/data'
import type { Size } from './geometry.js'
import { myTurn } from './turn-taking.js'

/** How pixels between pixels are found: averaged for pictures, picked for masks. */
export type Filter = 'bilinear' | 'nearest'

/**
 * Resizes pixels `[h, w, c]` to the bytes that Pillow gives. `bilinear` is a triangle that widens when shrinking,
 * so that no pixel is passed over (tf.image's bilinear does pass over them), along rows and columns in turn, rounded
 * to bytes in between. A large picture is done in slices, so that other work gets its turn.
 */
export async function resizePixels(
  pixels: NdArray<'uint8'>,
  { width, height }: Size,
  filter: Filter,
): Promise<NdArray<'uint8'>> {
  const [h, w, c] = pixels.shape as [number, number, number]
  if (w === width && h === height) return pixels
  if (filter === 'nearest') return pick(pixels, { width, height })
  // Pillow shortens columns first only where rows grow.
  if (width > w && height < h) {
    const low = await alongColumns(pixels.data, [h, w * c], height)
    return ndArray('uint8', [height, width, c], await alongRows(low, [height, w, c], width), pixels.kind)
  }
  const wide = w === width ? pixels.data : await alongRows(pixels.data, [h, w, c], width)
  const data = h === height ? wide : await alongColumns(wide, [h, width * c], height)
  return ndArray('uint8', [height, width, c], data, pixels.kind)
}

/** Weights are whole numbers of 1 / 2^22, which keeps a sum of bytes times weights within 32 bits. */
const bits = 22
const half = 1 << (bits - 1)

/** Which inputs an output reads, and how much of each: output i reads `counts[i]` inputs from `starts[i]` on. */
interface Taps {
  readonly starts: Int32Array
  readonly counts: Int32Array
  /** `stride` per output. */
  readonly weights: Int32Array
  readonly stride: number
}

function tapsOf(from: number, to: number): Taps {
  const scale = from / to
  const reach = Math.max(scale, 1)
  const stride = 2 * Math.ceil(reach) + 1
  const starts = new Int32Array(to)
  const counts = new Int32Array(to)
  const weights = new Int32Array(to * stride)
  const triangle = new Float64Array(stride)
  for (let i = 0; i < to; i++) {
    const centre = (i + 0.5) * scale
    const start = Math.max(0, Math.trunc(centre - reach + 0.5))
    const count = Math.min(from, Math.trunc(centre + reach + 0.5)) - start
    let sum = 0
    for (let j = 0; j < count; j++) {
      triangle[j] = Math.max(0, 1 - Math.abs((start + j - centre + 0.5) / reach))
      sum += triangle[j]!
    }
    for (let j = 0; j < count; j++)
      weights[i * stride + j] = Math.trunc(0.5 + (triangle[j]! / sum) * 2 ** bits)
    starts[i] = start
    counts[i] = count
  }
  return { starts, counts, weights, stride }
}

async function alongRows(
  x: Uint8Array,
  [h, w, c]: readonly [number, number, number],
  width: number,
): Promise<Uint8Array> {
  const taps = tapsOf(w, width)
  const y = new Uint8Array(h * width * c)
  for await (const [from, to] of slices(h, width * c * taps.stride)) {
    for (let row = from; row < to; row++) {
      if (c === 3) colourRow(x, row * w * 3, y, row * width * 3, taps)
      else plainRow(x, row * w * c, y, row * width * c, taps, c)
    }
  }
  return y
}

// `| 0` spares the check whether a sum still fits 32 bits: it does, and with it what is at most 255 after the shift.

/** One row of a picture in colours, from and to these places. */
function colourRow(
  x: Uint8Array,
  from: number,
  y: Uint8Array,
  to: number,
  { starts, counts, weights, stride }: Taps,
): void {
  let place = to
  for (let i = 0; i < starts.length; i++) {
    const first = i * stride
    const end = first + counts[i]!
    let red = half
    let green = half
    let blue = half
    let at = from + starts[i]! * 3
    for (let k = first; k < end; k++) {
      const weight = weights[k]!
      red = (red + Math.imul(x[at]!, weight)) | 0
      green = (green + Math.imul(x[at + 1]!, weight)) | 0
      blue = (blue + Math.imul(x[at + 2]!, weight)) | 0
      at = (at + 3) | 0
    }
    y[place] = red >> bits
    y[place + 1] = green >> bits
    y[place + 2] = blue >> bits
    place = (place + 3) | 0
  }
}

/** One row of a picture with any number of channels. */
function plainRow(
  x: Uint8Array,
  from: number,
  y: Uint8Array,
  to: number,
  { starts, counts, weights, stride }: Taps,
  c: number,
): void {
  for (let i = 0; i < starts.length; i++) {
    for (let j = 0; j < c; j++) {
      let sum = half
      let at = from + starts[i]! * c + j
      for (let k = 0; k < counts[i]!; k++) {
        sum = (sum + Math.imul(x[at]!, weights[i * stride + k]!)) | 0
        at = (at + c) | 0
      }
      y[to + i * c + j] = sum >> bits
    }
  }
}

async function alongColumns(
  x: Uint8Array,
  [h, n]: readonly [number, number],
  height: number,
): Promise<Uint8Array> {
  const { starts, counts, weights, stride } = tapsOf(h, height)
  const y = new Uint8Array(height * n)
  const sums = new Int32Array(n)
  for await (const [from, to] of slices(height, n * stride)) {
    for (let i = from; i < to; i++) {
      sums.fill(half)
      let k = 0
      for (; k < counts[i]! - 4; k += 4) addRows(x, n, starts[i]! + k, weights, i * stride + k, sums)
      lastRows(x, n, starts[i]! + k, weights, i * stride + k, counts[i]! - k, sums, y, i * n)
    }
  }
  return y
}

/** Adds four rows of `n` bytes at once, which is faster than one by one. */
function addRows(
  x: Uint8Array,
  n: number,
  row: number,
  weights: Int32Array,
  at: number,
  sums: Int32Array,
): void {
  const a = row * n
  const b = a + n
  const c = b + n
  const d = c + n
  const first = weights[at]!
  const second = weights[at + 1]!
  const third = weights[at + 2]!
  const fourth = weights[at + 3]!
  for (let j = 0; j < n; j++) {
    sums[j] =
      (sums[j]! +
        Math.imul(x[a + j]!, first) +
        Math.imul(x[b + j]!, second) +
        Math.imul(x[c + j]!, third) +
        Math.imul(x[d + j]!, fourth)) |
      0
  }
}

/** Adds the last rows, one to four of them, to the sums and writes the bytes; rows beyond `count` weigh nothing. */
function lastRows(
  x: Uint8Array,
  n: number,
  row: number,
  weights: Int32Array,
  at: number,
  count: number,
  sums: Int32Array,
  y: Uint8Array,
  to: number,
): void {
  const a = row * n
  const b = count > 1 ? a + n : a
  const c = count > 2 ? b + n : a
  const d = count > 3 ? c + n : a
  const first = weights[at]!
  const second = count > 1 ? weights[at + 1]! : 0
  const third = count > 2 ? weights[at + 2]! : 0
  const fourth = count > 3 ? weights[at + 3]! : 0
  for (let j = 0; j < n; j++) {
    y[to + j] =
      (sums[j]! +
        Math.imul(x[a + j]!, first) +
        Math.imul(x[b + j]!, second) +
        Math.imul(x[c + j]!, third) +
        Math.imul(x[d + j]!, fourth)) >>
      bits
  }
}

/** Runs of rows, each some milliseconds of work, with a turn for everything else between them. */
async function* slices(rows: number, workPerRow: number): AsyncGenerator<readonly [number, number]> {
  const run = Math.max(1, Math.floor(4e6 / workPerRow))
  for (let from = 0; from < rows; from += run) {
    await myTurn()
    yield [from, Math.min(rows, from + run)]
  }
}

/** The pixel under the centre of each result pixel. */
function pick(pixels: NdArray<'uint8'>, { width, height }: Size): NdArray<'uint8'> {
  const [h, w, c] = pixels.shape as [number, number, number]
  const columns = centres(w, width)
  const data = new Uint8Array(width * height * c)
  let to = 0
  for (const row of centres(h, height)) {
    for (const column of columns) {
      const from = (row * w + column) * c
      for (let j = 0; j < c; j++) data[to++] = pixels.data[from + j]!
    }
  }
  return ndArray('uint8', [height, width, c], data, pixels.kind)
}

/** Added up step by step, as Pillow does: a product would round differently now and then. */
function centres(from: number, to: number): Int32Array {
  const step = from / to
  let at = step / 2
  return Int32Array.from({ length: to }, () => {
    const i = Math.min(from - 1, Math.floor(at))
    at += step
    return i
  })
}
