import { type ItemTransform, movable } from '@espalier/data'
import { RasterImage } from './raster-image.js'

/**
 * Decodes pictures and does what is pending on them: bytes `[h, w, c]` of kind `image`, `[h, w]` of kind `mask`
 * (fastai's `ToTensor`, order 5). Until here nothing was decoded.
 */
export function toTensor(): ItemTransform<void> {
  const transform: ItemTransform<void> = {
    name: 'toTensor',
    order: 5,
    encode: (element) => (element instanceof RasterImage ? element.pixels() : element),
    toJSON: () => ({}),
  }
  return movable(transform, '@espalier/vision')
}
