import { type NdArray, ndArray, Random } from '@espalier/data'

/** A picture and its mask. */
export interface Pair {
  readonly image: NdArray<'uint8'>
  readonly mask: NdArray<'uint8'>
}

/** Noise with a dark disc and a bright square; the mask says which is which, and of a corner that it does not count. */
export function pairOf(i: number, [h, w]: readonly [number, number] = [24, 28]): Pair {
  const random = new Random(i, 'pair')
  const place = (n: number) => Math.floor(random.uniform(6, n - 6))
  const [cx, cy, sx, sy] = [place(w), place(h), place(w), place(h)]
  const [image, mask] = [new Uint8Array(h * w * 3), new Uint8Array(h * w)]
  for (let at = 0; at < h * w; at++) {
    const [x, y] = [at % w, Math.floor(at / w)]
    const disc = (x - cx) ** 2 + (y - cy) ** 2 < 30
    const square = Math.abs(x - sx) < 5 && Math.abs(y - sy) < 4
    mask[at] = x < 2 && y < 2 ? 9 : square ? 2 : disc ? 1 : 0
    for (let c = 0; c < 3; c++) {
      const shade = square ? 200 - 60 * c : disc ? 40 + 20 * c : 120
      image[3 * at + c] = Math.min(255, Math.max(0, shade + random.uniform(-25, 25)))
    }
  }
  return { image: ndArray('uint8', [h, w, 3], image), mask: ndArray('uint8', [h, w], mask) }
}
