import { type ItemTransform, movable } from '@espalier/data'
import { checkMasks } from './check-masks.js'
import { RasterImage } from './raster-image.js'

const decoded = (element: unknown) => (element instanceof RasterImage ? element.pixels() : element)

/**
 * Decodes pictures and does what is pending on them: bytes `[h, w, c]` of kind `image`, `[h, w]` of kind `mask`
 * (fastai's `ToTensor`, order 5). Until here nothing was decoded.
 */
export function toTensor(): ItemTransform<void> {
  const transform: ItemTransform<void> = {
    name: 'toTensor',
    order: 5,
    encode: decoded,
    async encodeSample(sample) {
      await checkMasks(sample)
      return Promise.all(sample.map(decoded))
    },
    toJSON: () => ({}),
  }
  return movable(transform, '@espalier/vision')
}
