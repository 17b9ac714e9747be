import type { tf } from '@espalier/core'
import { adaptiveAvgPool2d } from '@espalier/core/kernels'
import type { PadMode, Size } from '../image/geometry.js'
import { type Matrix, transformed } from './matrix.js'
import { placeKernel } from './place-kernel.js'

/** How images are read at places between pixels. */
export interface PlaceOptions {
  readonly size: Size
  readonly mode: 'bilinear' | 'nearest'
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
  const smooth = mode === 'bilinear' ? averaged(images, matrices, size, alignCorners) : images
  return placeKernel({ x: smooth }, { matrices, size, mode, padMode, alignCorners })[0] as tf.Tensor4D
}

function averaged(
  images: tf.Tensor4D,
  matrices: readonly Matrix[],
  { width, height }: Size,
  alignCorners: boolean,
): tf.Tensor4D {
  const [, h, w] = images.shape
  // fastai means min(h / height, w / width), but looks at the last axes of the grid, [h', w', 2]: its numbers are kept.
  const shrink = Math.min(h / width, w / 2) / 2
  if (shrink <= 1 || shrink <= enlargement(matrices, { width, height }, alignCorners)) return images
  return adaptiveAvgPool2d(images, [Math.floor(h * (1 / shrink)), Math.floor(w * (1 / shrink))])
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
