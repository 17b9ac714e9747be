import { type NdArray, ndArray } from '@espalier/data'
import { insideOf, type PadMode, type Rect } from './geometry.js'

/**
 * Cuts a rectangle out of pixels `[h, w, c]`. What it has beyond the edges is filled from the part that is inside,
 * as fastai does: first the crop, then the padding.
 */
export function cropPixels(pixels: NdArray<'uint8'>, rect: Rect, padMode: PadMode): NdArray<'uint8'> {
  const [height, width, c] = pixels.shape as [number, number, number]
  const data = new Uint8Array(rect.width * rect.height * c)
  const result = ndArray('uint8', [rect.height, rect.width, c], data, pixels.kind)
  const inside = insideOf(rect, { width, height })
  if (!inside) return result
  const left = inside.left - rect.left
  const columns = sources(rect.width, left, inside.width, padMode)
  const rows = sources(rect.height, inside.top - rect.top, inside.height, padMode)
  const padded = [...columns.keys()].filter((x) => (x < left || x >= left + inside.width) && columns[x]! >= 0)
  for (const [y, row] of rows.entries()) {
    if (row < 0) continue
    const from = ((inside.top + row) * width + inside.left) * c
    const to = y * rect.width * c
    data.set(pixels.data.subarray(from, from + inside.width * c), to + left * c)
    for (const x of padded) {
      for (let j = 0; j < c; j++) data[to + x * c + j] = pixels.data[from + columns[x]! * c + j]!
    }
  }
  return result
}

/** For each of `length` places, which of the `n` pixels that begin at place `first` is seen there; −1: none. */
function sources(length: number, first: number, n: number, padMode: PadMode): Int32Array {
  return Int32Array.from({ length }, (_, place) => {
    const i = place - first
    if (i >= 0 && i < n) return i
    if (padMode === 'zeros') return -1
    if (padMode === 'border' || n === 1) return i < 0 ? 0 : n - 1
    const period = 2 * (n - 1)
    const folded = ((i % period) + period) % period
    return folded < n ? folded : period - folded
  })
}
