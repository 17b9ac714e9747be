import type { ItemTransform } from '@espalier/data'
import { centred, type Rect } from './geometry.js'
import { imageTransform } from './image-transform.js'
import { checkNumber, checkPart, type SizeOption, sizeFrom, sizeToJson } from './size-option.js'
import { type PartRange, randomRect, withMargin } from './windows.js'

/** Which part of a picture is cut out. */
export interface RandomResizedCropOptions extends Partial<PartRange> {
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
  { minScale = 0.08, maxScale = 1, ratio = [3 / 4, 4 / 3], valXtra = 0.14 }: RandomResizedCropOptions = {},
): ItemTransform<Rect | undefined> {
  const target = sizeFrom('randomResizedCrop', size)
  const range = { minScale, maxScale, ratio }
  checkPart('randomResizedCrop', range)
  checkNumber('randomResizedCrop', 'valXtra', valXtra, [0, Number.POSITIVE_INFINITY])
  return imageTransform<Rect | undefined>({
    name: 'randomResizedCrop',
    order: 1,
    toJSON: () => ({ size: sizeToJson(target), ...range, valXtra }),
    draw: async ({ split, random }, first) =>
      split === 0 ? randomRect(await first().size(), range, random) : undefined,
    encode(image, rect) {
      if (rect) return image.crop(rect).resize(target)
      const larger = withMargin(target, valXtra)
      return image.resize(larger).crop(centred(larger, target))
    },
  })
}
