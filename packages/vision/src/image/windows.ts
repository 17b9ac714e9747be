import { centred, type Rect, type Size } from './geometry.js'

/** A stream of random numbers: a `Random`, or in tests a list. */
export interface Draws {
  /** In [lo, hi). */
  uniform(lo?: number, hi?: number): number
}

/** A whole number from `lo` to `hi`, both included. */
export function drawInt(draws: Draws, lo: number, hi: number): number {
  return lo + Math.min(Math.floor(draws.uniform() * (hi - lo + 1)), hi - lo)
}

/**
 * The rectangle that `resize` cuts out before it shrinks: the largest of the target's shape within the picture
 * (`crop`), or the smallest around it (`pad`), placed at the fractions `(x, y)` of the free space. Lengths and
 * places are cut off, not rounded, as in fastai; that can lose a pixel.
 */
export function resizeRect(
  picture: Size,
  target: Size,
  method: 'crop' | 'pad',
  [x, y]: readonly [number, number],
): Rect {
  const across = picture.width / target.width
  const down = picture.height / target.height
  const scale = method === 'pad' ? Math.max(across, down) : Math.min(across, down)
  const width = Math.trunc(scale * target.width)
  const height = Math.trunc(scale * target.height)
  const left = Math.trunc(x * (picture.width - width))
  const top = Math.trunc(y * (picture.height - height))
  return { left: left || 0, top: top || 0, width, height } // `|| 0`: no −0
}

/** How large, and how far from square, a random part of a picture may be. */
export interface PartRange {
  /** Of the picture's area. */
  readonly minScale: number
  readonly maxScale: number
  /** Width over height: least and most. */
  readonly ratio: readonly [number, number]
}

/**
 * A random part of a picture: ten attempts at an area and a shape; when none fits, the largest centred part of an
 * allowed shape (fastai's `RandomResizedCrop`). `order` says which coordinate is drawn first.
 */
export function randomRect(
  picture: Size,
  { minScale, maxScale, ratio }: PartRange,
  draws: Draws,
  order: 'left first' | 'top first' = 'left first',
): Rect {
  for (let attempt = 0; attempt < 10; attempt++) {
    const area = draws.uniform(minScale, maxScale) * picture.width * picture.height
    const shape = Math.exp(draws.uniform(Math.log(ratio[0]), Math.log(ratio[1])))
    const width = roundHalfEven(Math.sqrt(area * shape))
    const height = roundHalfEven(Math.sqrt(area / shape))
    if (width > picture.width || height > picture.height || width < 1 || height < 1) continue
    if (order === 'top first') {
      const top = drawInt(draws, 0, picture.height - height)
      return { left: drawInt(draws, 0, picture.width - width), top, width, height }
    }
    const left = drawInt(draws, 0, picture.width - width)
    return { left, top: drawInt(draws, 0, picture.height - height), width, height }
  }
  return largestRect(picture, ratio)
}

/** The largest centred part whose shape is allowed. */
export function largestRect(picture: Size, ratio: readonly [number, number]): Rect {
  const { width, height } = picture
  const shape = width / height
  if (shape < ratio[0]) return centred(picture, { width, height: Math.trunc(width / ratio[0]) })
  if (shape > ratio[1]) return centred(picture, { width: Math.trunc(height * ratio[1]), height })
  return { left: 0, top: 0, width, height }
}

/** A rectangle of a given size somewhere in a picture; where it is too large, the picture lies somewhere in it. */
export function randomPlace(picture: Size, size: Size, draws: Draws): Rect {
  const [left, top] = [picture.width - size.width, picture.height - size.height].map((free) =>
    free < 0 ? drawInt(draws, free, -1) : drawInt(draws, 0, free),
  ) as [number, number]
  return { left, top, width: size.width, height: size.height }
}

/** What `randomResizedCrop` squeezes validation pictures to before it cuts their middle out: more by a multiple of 8. */
export function withMargin({ width, height }: Size, fraction: number): Size {
  const extra = Math.ceil((Math.max(width, height) * fraction) / 8) * 8
  return { width: width + extra, height: height + extra }
}

/** To the nearest whole number, halves to the even one, as Python does. */
export function roundHalfEven(v: number): number {
  const r = Math.round(v)
  return v % 1 === 0.5 && r % 2 !== 0 ? r - 1 : r
}
