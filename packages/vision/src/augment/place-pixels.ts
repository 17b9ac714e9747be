import type { TypedArray } from '@espalier/data'
import type { PadMode, Size } from '../image/geometry.js'
import type { Matrix } from './matrix.js'

/** How pictures are read at places between pixels, and where. */
export interface PlaceAttrs {
  /** One for each picture. */
  readonly matrices: readonly Matrix[]
  readonly size: Size
  readonly mode: 'bilinear' | 'nearest'
  readonly padMode: PadMode
  readonly alignCorners: boolean
}

/** Places along an axis: as they come, and how many pixels there are. */
interface Axis {
  readonly at: Float64Array
  readonly n: number
}

/** Writes the pictures `[b, h, w, c]` as their matrices see them; `y` arrives zeroed. */
export function placePixels(
  x: TypedArray,
  y: TypedArray,
  [, h, w, c]: readonly number[],
  attrs: PlaceAttrs,
): void {
  const { matrices, size, mode, padMode, alignCorners } = attrs
  const pixels = h! * w! * c!
  const xs = centres(size.width, alignCorners)
  const across: Axis = { at: new Float64Array(size.width), n: w! }
  const down: Axis = { at: new Float64Array(size.width), n: h! }
  const read = mode === 'nearest' ? readNearest : c === 3 ? readColours : readBetween
  let to = 0
  for (const [i, m] of matrices.entries()) {
    const picture = x.subarray(i * pixels, (i + 1) * pixels)
    for (const row of centres(size.height, alignCorners)) {
      seen(m, xs, row, across.at, down.at)
      toPixels(across, padMode, alignCorners)
      toPixels(down, padMode, alignCorners)
      read(picture, y, to, across, down, c!)
      to += size.width * c!
    }
  }
}

/** The pixel centres along an axis, from −1 to 1. */
export function centres(n: number, alignCorners: boolean): Float64Array {
  return Float64Array.from({ length: n }, (_, i) => {
    if (!alignCorners) return (2 * i + 1) / n - 1
    return n > 1 ? (2 * i) / (n - 1) - 1 : 0
  })
}

/** Where the places of a row are read, in coordinates from −1 to 1, rounded as torch's grids are. */
function seen(
  [a, b, c, d, e, f, g, h, k]: Matrix,
  xs: Float64Array,
  y: number,
  across: Float64Array,
  down: Float64Array,
): void {
  const [u, v, w] = [b * y + c, e * y + f, h * y + k]
  if (g === 0 && w === 1) {
    for (let i = 0; i < xs.length; i++) {
      across[i] = Math.fround(a * xs[i]! + u)
      down[i] = Math.fround(d * xs[i]! + v)
    }
    return
  }
  for (let i = 0; i < xs.length; i++) {
    const nearness = 1 / (g * xs[i]! + w)
    across[i] = Math.fround((a * xs[i]! + u) * nearness)
    down[i] = Math.fround((d * xs[i]! + v) * nearness)
  }
}

/** From [−1, 1] to pixels, in place; what lies outside is folded back as the padding says. */
function toPixels({ at, n }: Axis, padMode: PadMode, alignCorners: boolean): void {
  const scale = alignCorners ? (n - 1) / 2 : n / 2
  const first = alignCorners ? scale : scale - 0.5
  for (let i = 0; i < at.length; i++) {
    const place = at[i]! * scale + first
    at[i] = place >= 0 && place <= n - 1 ? place : foldedBack(place, n, padMode, alignCorners)
  }
}

function foldedBack(place: number, n: number, padMode: PadMode, alignCorners: boolean): number {
  if (!Number.isFinite(place))
    return padMode === 'border' && !Number.isNaN(place) ? (place < 0 ? 0 : n - 1) : -100
  if (padMode === 'zeros') return place
  if (padMode === 'border') return place < 0 ? 0 : n - 1
  const span = alignCorners ? n - 1 : n
  if (span <= 0) return 0
  const low = alignCorners ? 0 : -0.5
  const distance = Math.abs(place - low)
  const flips = Math.floor(distance / span)
  const rest = distance - flips * span
  return Math.min(Math.max(flips % 2 === 0 ? rest + low : span - rest + low, 0), n - 1)
}

/** To the nearest integer, halves to the even one, as torch does. */
function roundEven(v: number): number {
  const r = Math.round(v)
  return r - v === 0.5 && r % 2 !== 0 ? r - 1 : r
}

function readNearest(x: TypedArray, y: TypedArray, to: number, across: Axis, down: Axis, c: number): void {
  for (let i = 0; i < across.at.length; i++) {
    const q = roundEven(across.at[i]!)
    const r = roundEven(down.at[i]!)
    if (q < 0 || r < 0 || q >= across.n || r >= down.n) continue
    const from = (r * across.n + q) * c
    for (let j = 0; j < c; j++) y[to + i * c + j] = x[from + j]!
  }
}

/** Three channels at once, which most pictures have. */
function readColours(x: TypedArray, y: TypedArray, to: number, across: Axis, down: Axis): void {
  const line = 3 * across.n
  for (let i = 0; i < across.at.length; i++) {
    const px = across.at[i]!
    const py = down.at[i]!
    if (!(px >= 0 && py >= 0 && px < across.n - 1 && py < down.n - 1)) {
      readCorners(x, y, to + 3 * i, px, py, across.n, down.n, 3)
      continue
    }
    const q = px | 0
    const r = py | 0
    const fx = px - q
    const fy = py - r
    const gx = 1 - fx
    const gy = 1 - fy
    const upper = r * line + 3 * q
    const lower = upper + line
    const at = to + 3 * i
    y[at] = (x[upper]! * gx + x[upper + 3]! * fx) * gy + (x[lower]! * gx + x[lower + 3]! * fx) * fy
    y[at + 1] =
      (x[upper + 1]! * gx + x[upper + 4]! * fx) * gy + (x[lower + 1]! * gx + x[lower + 4]! * fx) * fy
    y[at + 2] =
      (x[upper + 2]! * gx + x[upper + 5]! * fx) * gy + (x[lower + 2]! * gx + x[lower + 5]! * fx) * fy
  }
}

function readBetween(x: TypedArray, y: TypedArray, to: number, across: Axis, down: Axis, c: number): void {
  for (let i = 0; i < across.at.length; i++) {
    const px = across.at[i]!
    const py = down.at[i]!
    if (!(px >= 0 && py >= 0 && px < across.n - 1 && py < down.n - 1)) {
      readCorners(x, y, to + i * c, px, py, across.n, down.n, c)
      continue
    }
    const q = px | 0
    const r = py | 0
    const fx = px - q
    const fy = py - r
    const upper = (r * across.n + q) * c
    const lower = upper + across.n * c
    for (let j = 0; j < c; j++) {
      const above = x[upper + j]! * (1 - fx) + x[upper + c + j]! * fx
      const below = x[lower + j]! * (1 - fx) + x[lower + c + j]! * fx
      y[to + i * c + j] = above * (1 - fy) + below * fy
    }
  }
}

/** At the edges some of the four neighbours are not there. */
function readCorners(
  x: TypedArray,
  y: TypedArray,
  to: number,
  px: number,
  py: number,
  w: number,
  h: number,
  c: number,
): void {
  const q = Math.floor(px)
  const r = Math.floor(py)
  for (let corner = 0; corner < 4; corner++) {
    const column = q + (corner & 1)
    const row = r + (corner >> 1)
    if (column < 0 || row < 0 || column >= w || row >= h) continue
    const weight = (corner & 1 ? px - q : 1 - px + q) * (corner >> 1 ? py - r : 1 - py + r)
    const from = (row * w + column) * c
    for (let j = 0; j < c; j++) y[to + j]! += weight * x[from + j]!
  }
}
