import { type TensorTransform, tensorTransform, tf } from '@espalier/core'
import { checkOptions, Random } from '@espalier/data'
import { centred, type Rect, type Size } from '../image/geometry.js'
import {
  checkChoice,
  checkNumber,
  checkPart,
  type SizeOption,
  sizeFrom,
  sizeToJson,
} from '../image/size-option.js'
import { largestRect, type PartRange, randomRect } from '../image/windows.js'
import { identity, multiply, scaleMatrix, shiftMatrix } from './matrix.js'
import { placeBoxes, placePoints } from './place-points.js'
import { placeAll } from './spatial.js'

/** Which part of a batch is cut out, and how it is read. */
export interface RandomResizedCropGpuOptions extends Partial<PartRange> {
  /** How much of the picture, in each direction, is kept in validation. Default 1. */
  readonly validScale?: number
  readonly mode?: 'bilinear' | 'nearest'
  /** How masks are read. Default `nearest`. */
  readonly modeMask?: 'bilinear' | 'nearest'
}

/**
 * A random part of the images, brought to `size`; **the same part for all images of a batch**, as in fastai's
 * `RandomResizedCropGPU` (order 30). In validation the middle.
 */
export function randomResizedCropGpu(
  size: SizeOption,
  options: RandomResizedCropGpuOptions = {},
): TensorTransform {
  const of = 'randomResizedCropGpu'
  checkOptions(of, options, ['minScale', 'maxScale', 'ratio', 'validScale', 'mode', 'modeMask'])
  const { minScale = 0.08, maxScale = 1, ratio = [3 / 4, 4 / 3], validScale = 1 } = options
  const { mode = 'bilinear', modeMask = 'nearest' } = options
  const target = sizeFrom(of, size)
  checkPart(of, { minScale, maxScale, ratio })
  checkNumber(of, 'validScale', validScale, [0.01, 1])
  checkChoice(of, 'mode', mode, ['bilinear', 'nearest'])
  checkChoice(of, 'modeMask', modeMask, ['bilinear', 'nearest'])
  const range = { minScale, maxScale, ratio }
  return tensorTransform({
    name: of,
    order: 30,
    toJSON: () => ({
      size: sizeToJson(target),
      ...range,
      validScale,
      mode,
      ...(modeMask !== 'nearest' && { modeMask }),
    }),
    encode(tensors, { kinds, place, indices }) {
      const first = tensors.find((_, i) => kinds[i] === 'image' || kinds[i] === 'mask')
      if (!first) return tensors
      const [, height, width] = first.shape as [number, number, number]
      const draws = new Random(place.seed, of, place.epoch, indices[0] ?? 0)
      const rect =
        place.split === 0
          ? randomRect({ width, height }, range, draws, 'top first')
          : validRect({ width, height }, ratio, validScale)
      return cropResizeAll(tensors, kinds, rect, target, mode, modeMask)
    },
  })
}

/** The middle of a picture, as large as its allowed shape and `scale` say. */
export function validRect(picture: Size, ratio: PartRange['ratio'], scale: number): Rect {
  const { width, height } = largestRect(picture, ratio)
  return centred(picture, {
    width: Math.max(1, Math.trunc(width * scale)),
    height: Math.max(1, Math.trunc(height * scale)),
  })
}

/** Cuts one part out of the images and masks of a batch and brings it to a size; points and boxes move along. */
export function cropResizeAll(
  tensors: readonly tf.Tensor[],
  kinds: readonly (string | undefined)[],
  { left, top, width, height }: Rect,
  size: Size,
  mode: 'bilinear' | 'nearest',
  modeMask: 'bilinear' | 'nearest' = 'nearest',
): readonly tf.Tensor[] {
  const at = kinds.findIndex((kind) => kind === 'image' || kind === 'mask')
  const [n, h, w] = tensors[at]!.shape as [number, number, number]
  // From the part, edge to edge, to the picture: what points go back by.
  const inPicture = multiply(
    shiftMatrix((width + 2 * left) / w - 1, (height + 2 * top) / h - 1),
    scaleMatrix(width / w, height / h),
  )
  const cut = Array.from({ length: n }, () => inPicture)
  const parts = tensors.map((t, i) => {
    if (kinds[i] === 'points') return placePoints(t as tf.Tensor3D, cut)
    if (kinds[i] === 'boxes') return placeBoxes(t as tf.Tensor3D, cut)
    if (kinds[i] !== 'image' && kinds[i] !== 'mask') return t
    const rest = t.shape.slice(3)
    return tf.slice(t, [0, top, left, ...rest.map(() => 0)], [n, height, width, ...rest])
  })
  const matrices = Array.from({ length: n }, () => identity)
  return placeAll(parts, kinds, matrices, {
    size,
    mode,
    modeMask,
    padMode: 'reflection',
    alignCorners: true,
  })
}
