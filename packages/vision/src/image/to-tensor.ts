import type { ItemTransform } from '@espalier/data'
import { RasterImage } from './raster-image.js'

/**
 * Decodes pictures and does what is pending on them: bytes `[h, w, c]` of kind `image`, `[h, w]` of kind `mask`
 * (fastai's `ToTensor`, order 5). Until here nothing was decoded.
 */
export function toTensor(): ItemTransform<void> {
  return {
    name: 'toTensor',
    order: 5,
    encode: (element) => (element instanceof RasterImage ? element.pixels() : element),
    toJSON: () => ({}),
  }
}
