import { type TensorTransform, tensorTransform, tf } from '@espalier/core'
import { Random } from '@espalier/data'
import { centred, type Rect, type Size } from '../image/geometry.js'
import { type SizeOption, sizeFrom, sizeToJson } from '../image/size-option.js'
import { largestRect, type PartRange, randomRect } from '../image/windows.js'
import { identity } from './matrix.js'
import { placeAll } from './spatial.js'

/** Which part of a batch is cut out, and how it is read. */
export interface RandomResizedCropGpuOptions extends Partial<PartRange> {
  /** How much of the picture, in each direction, is kept in validation. Default 1. */
  readonly validScale?: number
  readonly mode?: 'bilinear' | 'nearest'
}

/**
 * A random part of the images, brought to `size`; **the same part for all images of a batch**, as in fastai's
 * `RandomResizedCropGPU` (order 30). In validation the middle.
 */
export function randomResizedCropGpu(
  size: SizeOption,
  options: RandomResizedCropGpuOptions = {},
): TensorTransform {
  const { minScale = 0.08, maxScale = 1, ratio = [3 / 4, 4 / 3], validScale = 1, mode = 'bilinear' } = options
  const target = sizeFrom('randomResizedCropGpu', size)
  const range = { minScale, maxScale, ratio }
  return tensorTransform({
    name: 'randomResizedCropGpu',
    order: 30,
    toJSON: () => ({ size: sizeToJson(target), ...range, validScale, mode }),
    encode(tensors, { kinds, place, indices }) {
      const first = tensors.find((_, i) => kinds[i] === 'image' || kinds[i] === 'mask')
      if (!first) return tensors
      const [, height, width] = first.shape as [number, number, number]
      const draws = new Random(place.seed, 'randomResizedCropGpu', place.epoch, indices[0] ?? 0)
      const rect =
        place.split === 0
          ? randomRect({ width, height }, range, draws, 'top first')
          : validRect({ width, height }, ratio, validScale)
      return cropResizeAll(tensors, kinds, rect, target, mode)
    },
  })
}

/** The middle of a picture, as large as its allowed shape and `scale` say. */
export function validRect(picture: Size, ratio: PartRange['ratio'], scale: number): Rect {
  const { width, height } = largestRect(picture, ratio)
  return centred(picture, { width: Math.trunc(width * scale), height: Math.trunc(height * scale) })
}

/** Cuts one part out of the images and masks of a batch and brings it to a size. */
export function cropResizeAll(
  tensors: readonly tf.Tensor[],
  kinds: readonly (string | undefined)[],
  { left, top, width, height }: Rect,
  size: Size,
  mode: 'bilinear' | 'nearest',
): readonly tf.Tensor[] {
  const parts = tensors.map((t, i) => {
    if (kinds[i] !== 'image' && kinds[i] !== 'mask') return t
    const rest = t.shape.slice(3)
    return tf.slice(t, [0, top, left, ...rest.map(() => 0)], [t.shape[0]!, height, width, ...rest])
  })
  const matrices = Array.from({ length: tensors[0]?.shape[0] ?? 0 }, () => identity)
  return placeAll(parts, kinds, matrices, { size, mode, padMode: 'reflection', alignCorners: true })
}
