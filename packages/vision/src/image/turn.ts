import { type NdArray, ndArray } from '@espalier/data'
import { swapsSides, type Turn } from './geometry.js'

/** Lays pixels `[h, w, c]` on themselves in one of eight ways (Pillow's `transpose`, fastai's `dihedral`). */
export function turnPixels(pixels: NdArray<'uint8'>, turn: Turn): NdArray<'uint8'> {
  const [h, w, c] = pixels.shape as [number, number, number]
  const [height, width] = swapsSides(turn) ? [w, h] : [h, w]
  const data = new Uint8Array(pixels.data.length)
  // The pixel that each result pixel is read from, as start + x · right + y · down.
  const [start, right, down] = path(turn, w, h)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const from = (start + x * right + y * down) * c
      const to = (y * width + x) * c
      for (let j = 0; j < c; j++) data[to + j] = pixels.data[from + j]!
    }
  }
  return ndArray('uint8', [height, width, c], data, pixels.kind)
}

function path(turn: Turn, w: number, h: number): readonly [start: number, right: number, down: number] {
  const last = w * h - 1
  switch (turn) {
    case 0:
      return [0, 1, w]
    case 1:
      return [w - 1, -1, w]
    case 2:
      return [last - w + 1, 1, -w]
    case 3:
      return [w - 1, w, -1]
    case 4:
      return [last, -1, -w]
    case 5:
      return [last - w + 1, -w, 1]
    case 6:
      return [0, w, 1]
    case 7:
      return [last, -w, -1]
  }
}
