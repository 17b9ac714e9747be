import type { tf } from '@espalier/core'
import { adaptiveAvgPool2d } from '@espalier/core/kernels'
import type { PadMode, Size } from '../image/geometry.js'
import { type Matrix, transformed } from './matrix.js'
import { placeKernel } from './place-kernel.js'

/** How images are read at places between pixels. */
export interface PlaceOptions {
  readonly size: Size
  readonly mode: 'bilinear' | 'nearest'
  /** How masks are read. Default `nearest`. */
  readonly modeMask?: 'bilinear' | 'nearest'
  readonly padMode: PadMode
  readonly alignCorners: boolean
}

/**
 * Draws each image of a batch where its matrix says: `[b, h, w, c]` → `[b, h', w', c]`, one interpolation whatever
 * the matrices are composed of (fastai's `affine_coord`). An image that would be shrunk more than twice is first
 * averaged over areas, so that no pixel is passed over; like fastai this looks at the batch as a whole.
 */
export function placeImages(
  images: tf.Tensor4D,
  matrices: readonly Matrix[],
  { size, mode, padMode, alignCorners }: PlaceOptions,
): tf.Tensor4D {
  const { width, height } = sizeRead(images.shape, matrices, { size, mode, alignCorners })
  const [, h, w] = images.shape
  const x = width === w && height === h ? images : adaptiveAvgPool2d(images, [height, width])
  return placeKernel({ x }, { matrices, size, mode, padMode, alignCorners })[0] as tf.Tensor4D
}

/** The size that images `[b, h, w, c]` have when they are read: smaller where areas are averaged first. */
export function sizeRead(
  [, h, w]: readonly number[],
  matrices: readonly Matrix[],
  { size: { width, height }, mode, alignCorners }: Pick<PlaceOptions, 'size' | 'mode' | 'alignCorners'>,
): Size {
  const whole = { width: w!, height: h! }
  if (mode === 'nearest') return whole
  // fastai means min(h / height, w / width), but looks at the last axes of the grid, [h', w', 2]: its numbers are kept.
  const shrink = Math.min(h! / width, w! / 2) / 2
  if (shrink <= 1 || shrink <= enlargement(matrices, { width, height }, alignCorners)) return whole
  return { width: Math.floor(w! * (1 / shrink)), height: Math.floor(h! * (1 / shrink)) }
}

/** How much the batch is zoomed into: 1 when the places read span the picture from −1 to 1. */
function enlargement(matrices: readonly Matrix[], { width, height }: Size, alignCorners: boolean): number {
  const x = alignCorners ? 1 : 1 - 1 / width
  const y = alignCorners ? 1 : 1 - 1 / height
  // A perspective map has its extremes at the corners.
  const places = matrices.flatMap((m) =>
    [
      transformed(m, [-x, -y]),
      transformed(m, [-x, y]),
      transformed(m, [x, -y]),
      transformed(m, [x, y]),
    ].flat(),
  )
  return 2 / (Math.max(...places) - Math.min(...places))
}
