import { type BatchInfo, type TensorTransform, tensorTransform, tf } from '@espalier/core'
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
import { identity, type Matrix, multiply, scaleMatrix, shiftMatrix } from './matrix.js'
import { sizeRead } from './place-images.js'
import { forPoints, placeBoxes, placePoints } from './place-points.js'
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
  const rectOf = ({ place, indices }: BatchInfo, picture: Size) =>
    place.split === 0
      ? randomRect(picture, range, new Random(place.seed, of, place.epoch, indices[0] ?? 0), 'top first')
      : validRect(picture, ratio, validScale)
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
    encode(tensors, info) {
      const { kinds } = info
      const first = tensors.find((_, i) => kinds[i] === 'image' || kinds[i] === 'mask')
      if (!first) return tensors
      const [, height, width] = first.shape as [number, number, number]
      return cropResizeAll(tensors, kinds, rectOf(info, { width, height }), target, mode, modeMask)
    },
    moves(info, from) {
      const rect = rectOf(info, from)
      const whole = [1, rect.height, rect.width]
      const read = sizeRead(whole, [identity], { size: target, mode, alignCorners: true })
      const m = multiply(partMatrix(rect, from), forPoints(identity, read, target, true))
      return { matrices: info.indices.map(() => m), size: target }
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

/** From a part, edge to edge, to its picture: what points go back by. */
function partMatrix({ left, top, width, height }: Rect, { width: w, height: h }: Size): Matrix {
  return multiply(
    shiftMatrix((width + 2 * left) / w - 1, (height + 2 * top) / h - 1),
    scaleMatrix(width / w, height / h),
  )
}

/** Cuts one part out of the images and masks of a batch and brings it to a size; points and boxes move along. */
export function cropResizeAll(
  tensors: readonly tf.Tensor[],
  kinds: readonly (string | undefined)[],
  rect: Rect,
  size: Size,
  mode: 'bilinear' | 'nearest',
  modeMask: 'bilinear' | 'nearest' = 'nearest',
): readonly tf.Tensor[] {
  const at = kinds.findIndex((kind) => kind === 'image' || kind === 'mask')
  const [n, h, w] = tensors[at]!.shape as [number, number, number]
  const inPicture = partMatrix(rect, { width: w, height: h })
  const cut = Array.from({ length: n }, () => inPicture)
  const { left, top, width, height } = rect
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
