import type { TypedArray } from '@espalier/data'
import type { GridSampleAttrs } from './grid-sample.js'

type Shape4 = readonly [number, number, number, number]

/** A place along one axis in pixels, and how fast it moves with the grid coordinate. */
interface Placed {
  at: number
  slope: number
}

/** From [−1, 1] to pixels, folded back into the image as the padding says (torch's `grid_sampler` unnormalize). */
function place(
  out: Placed,
  coordinate: number,
  size: number,
  { padding, alignCorners }: GridSampleAttrs,
): void {
  out.at = alignCorners ? ((coordinate + 1) / 2) * (size - 1) : ((coordinate + 1) * size - 1) / 2
  out.slope = alignCorners ? (size - 1) / 2 : size / 2
  if (padding === 'reflection') reflect(out, alignCorners ? 0 : -0.5, alignCorners ? size - 1 : size - 0.5)
  if (padding !== 'zeros') clamp(out, size)
  if (!Number.isFinite(out.at)) {
    out.at = -100
    out.slope = 0
  }
}

function reflect(p: Placed, low: number, high: number): void {
  if (high <= low) {
    p.at = 0
    p.slope = 0
    return
  }
  const span = high - low
  let at = p.at - low
  if (at < 0) {
    at = -at
    p.slope = -p.slope
  }
  const flips = Math.floor(at / span)
  const rest = at - flips * span
  p.at = flips % 2 === 0 ? rest + low : span - rest + low
  if (flips % 2 !== 0) p.slope = -p.slope
}

function clamp(p: Placed, size: number): void {
  if (p.at <= 0 || p.at >= size - 1) {
    p.at = p.at <= 0 ? 0 : size - 1
    p.slope = 0
  }
}

/** To the nearest integer, halves to the even one, as torch's `nearbyint`. */
function roundEven(v: number): number {
  const r = Math.round(v)
  return r - v === 0.5 && r % 2 !== 0 ? r - 1 : r
}

/** As {@link place}, but only where, not how fast: what the forward pass needs. */
function pixelAt(coordinate: number, size: number, { padding, alignCorners }: GridSampleAttrs): number {
  let at = alignCorners ? ((coordinate + 1) / 2) * (size - 1) : ((coordinate + 1) * size - 1) / 2
  if (padding === 'reflection' && (at < 0 || at > size - 1)) {
    const span = alignCorners ? size - 1 : size
    const low = alignCorners ? 0 : -0.5
    const distance = Math.abs(at - low)
    const flips = Math.floor(distance / span)
    const rest = distance - flips * span
    at = flips % 2 === 0 ? rest + low : span - rest + low
    if (span <= 0) at = 0
  }
  if (padding !== 'zeros') at = Math.min(Math.max(at, 0), size - 1)
  return Number.isFinite(at) ? at : -100
}

/** Writes the image seen through the grid. */
export function sampleGrid(
  x: TypedArray,
  grid: TypedArray,
  y: TypedArray,
  [b, h, w, c]: Shape4,
  attrs: GridSampleAttrs,
): void {
  const places = grid.length / 2 / b
  const nearest = attrs.mode === 'nearest'
  for (let i = 0; i < b * places; i++) {
    const px = pixelAt(grid[2 * i]!, w, attrs)
    const py = pixelAt(grid[2 * i + 1]!, h, attrs)
    const image = Math.floor(i / places) * h * w * c
    const to = i * c
    if (nearest) {
      const q = roundEven(px)
      const r = roundEven(py)
      if (q < 0 || r < 0 || q >= w || r >= h) continue
      const from = image + (r * w + q) * c
      for (let j = 0; j < c; j++) y[to + j] = x[from + j]!
      continue
    }
    const q = Math.floor(px)
    const r = Math.floor(py)
    const fx = px - q
    const fy = py - r
    if (q >= 0 && r >= 0 && q < w - 1 && r < h - 1) {
      const upper = image + (r * w + q) * c
      const lower = upper + w * c
      for (let j = 0; j < c; j++) {
        const above = x[upper + j]! * (1 - fx) + x[upper + c + j]! * fx
        const below = x[lower + j]! * (1 - fx) + x[lower + c + j]! * fx
        y[to + j] = above * (1 - fy) + below * fy
      }
      continue
    }
    // At the edges some of the four neighbours are not there.
    for (let corner = 0; corner < 4; corner++) {
      const cq = q + (corner & 1)
      const cr = r + (corner >> 1)
      if (cq < 0 || cr < 0 || cq >= w || cr >= h) continue
      const weight = (corner & 1 ? fx : 1 - fx) * (corner >> 1 ? fy : 1 - fy)
      const from = image + (cr * w + cq) * c
      for (let j = 0; j < c; j++) y[to + j]! += weight * x[from + j]!
    }
  }
}

/** The gradients of {@link sampleGrid}; with nearest sampling the grid has none. */
export function sampleGridGrad(
  dy: TypedArray,
  x: TypedArray,
  grid: TypedArray,
  dx: TypedArray,
  dGrid: TypedArray,
  [b, h, w, c]: Shape4,
  attrs: GridSampleAttrs,
): void {
  const places = grid.length / 2 / b
  const px: Placed = { at: 0, slope: 0 }
  const py: Placed = { at: 0, slope: 0 }
  const nearest = attrs.mode === 'nearest'
  for (let i = 0; i < b * places; i++) {
    place(px, grid[2 * i]!, w, attrs)
    place(py, grid[2 * i + 1]!, h, attrs)
    const image = Math.floor(i / places) * h * w * c
    const at = i * c
    const q = nearest ? roundEven(px.at) : Math.floor(px.at)
    const r = nearest ? roundEven(py.at) : Math.floor(py.at)
    if (nearest) {
      if (q < 0 || r < 0 || q >= w || r >= h) continue
      const to = image + (r * w + q) * c
      for (let j = 0; j < c; j++) dx[to + j]! += dy[at + j]!
      continue
    }
    const fx = px.at - q
    const fy = py.at - r
    let slopeX = 0
    let slopeY = 0
    for (let corner = 0; corner < 4; corner++) {
      const right = corner & 1
      const lower = corner >> 1
      const cq = q + right
      const cr = r + lower
      if (cq < 0 || cr < 0 || cq >= w || cr >= h) continue
      const wx = right ? fx : 1 - fx
      const wy = lower ? fy : 1 - fy
      const to = image + (cr * w + cq) * c
      let product = 0
      for (let j = 0; j < c; j++) {
        const d = dy[at + j]!
        dx[to + j]! += wx * wy * d
        product += d * x[to + j]!
      }
      slopeX += (right ? wy : -wy) * product
      slopeY += (lower ? wx : -wx) * product
    }
    dGrid[2 * i] = slopeX * px.slope
    dGrid[2 * i + 1] = slopeY * py.slope
  }
}
