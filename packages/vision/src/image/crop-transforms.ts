import { checkOptions, type ItemTransform } from '@espalier/data'
import { centred, type PadMode, type Rect } from './geometry.js'
import { imageTransform } from './image-transform.js'
import { checkResamples, filterFor, type ResampleOptions } from './resamples.js'
import { checkChoice, padModes, type SizeOption, sizeFrom, sizeToJson } from './size-option.js'
import { randomPlace, resizeRect } from './windows.js'

/** The middle of a picture at its own scale; what is missing is added (fastai's `CropPad`, order 0). */
export function cropPad(
  size: SizeOption,
  { padMode = 'zeros' }: { readonly padMode?: PadMode } = {},
): ItemTransform<void> {
  const target = sizeFrom('cropPad', size)
  checkChoice('cropPad', 'padMode', padMode, padModes)
  return imageTransform({
    name: 'cropPad',
    order: 0,
    toJSON: () => ({ size: sizeToJson(target), padMode }),
    draw: () => undefined,
    encode: async (image) => image.crop(centred(await image.size(), target), padMode),
  })
}

/** A random place in training, the middle in validation, at the picture's own scale (fastai's `RandomCrop`). */
export function randomCrop(size: SizeOption): ItemTransform<Rect> {
  const target = sizeFrom('randomCrop', size)
  return imageTransform({
    name: 'randomCrop',
    order: 1,
    toJSON: () => ({ size: sizeToJson(target) }),
    async draw({ split, random }, first) {
      const picture = await first().size()
      return split === 0 ? randomPlace(picture, target, random) : centred(picture, target)
    },
    encode: (image, rect) => image.crop(rect),
  })
}

/**
 * Brings the longer side to `maxSz`, keeping the shape (fastai's `RatioResize`). The pixel that rounding may cut
 * off is cut at a random side in training.
 */
export function ratioResize(
  maxSz: number,
  options: ResampleOptions = {},
): ItemTransform<readonly [number, number]> {
  checkOptions('ratioResize', options, ['resamples'])
  checkResamples('ratioResize', options)
  const { resamples } = options
  sizeFrom('ratioResize', maxSz)
  return imageTransform<readonly [number, number]>({
    name: 'ratioResize',
    order: 1,
    toJSON: () => ({ maxSz, ...(resamples && { resamples }) }),
    draw: ({ split, random }) => (split === 0 ? [random.uniform(), random.uniform()] : [0.5, 0.5]),
    async encode(image, place) {
      const picture = await image.size()
      const { width, height } = picture
      const target = {
        width: Math.max(1, width >= height ? maxSz : Math.trunc((width * maxSz) / height)),
        height: Math.max(1, width >= height ? Math.trunc((height * maxSz) / width) : maxSz),
      }
      return image.crop(resizeRect(picture, target, 'crop', place)).resize(target, filterFor(image, options))
    },
  })
}
