import { checkOptions, type ItemTransform } from '@espalier/data'
import { centred, type Rect } from './geometry.js'
import { imageTransform } from './image-transform.js'
import { checkResamples, filterFor, type ResampleOptions } from './resamples.js'
import { checkNumber, checkPart, type SizeOption, sizeFrom, sizeToJson } from './size-option.js'
import { type PartRange, randomRect, withMargin } from './windows.js'

/** Which part of a picture is cut out. */
export interface RandomResizedCropOptions extends Partial<PartRange>, ResampleOptions {
  /** How much larger validation pictures are made before their middle is kept, as a fraction. Default 0.14. */
  readonly valXtra?: number
}

/**
 * In training a random part of the picture, at least `minScale` (0.08) of its area and between 3:4 and 4:3, brought
 * to `size` (fastai's `RandomResizedCrop`). In validation the whole picture is squeezed to somewhat more than
 * `size` and the middle kept.
 */
export function randomResizedCrop(
  size: SizeOption,
  options: RandomResizedCropOptions = {},
): ItemTransform<Rect | undefined> {
  checkOptions('randomResizedCrop', options, ['minScale', 'maxScale', 'ratio', 'valXtra', 'resamples'])
  const { minScale = 0.08, maxScale = 1, ratio = [3 / 4, 4 / 3], valXtra = 0.14, resamples } = options
  checkResamples('randomResizedCrop', options)
  const target = sizeFrom('randomResizedCrop', size)
  const range = { minScale, maxScale, ratio }
  checkPart('randomResizedCrop', range)
  checkNumber('randomResizedCrop', 'valXtra', valXtra, [0, Number.POSITIVE_INFINITY])
  return imageTransform<Rect | undefined>({
    name: 'randomResizedCrop',
    order: 1,
    toJSON: () => ({ size: sizeToJson(target), ...range, valXtra, ...(resamples && { resamples }) }),
    draw: async ({ split, random }, first) =>
      split === 0 ? randomRect(await first().size(), range, random) : undefined,
    encode(image, rect) {
      const filter = filterFor(image, options)
      if (rect) return image.crop(rect).resize(target, filter)
      const larger = withMargin(target, valXtra)
      return image.resize(larger, filter).crop(centred(larger, target))
    },
  })
}
