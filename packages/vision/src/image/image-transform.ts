import { EspalierError, type ItemTransform, movable, type TransformContext } from '@espalier/data'
import { asRaster, type RasterImage } from './raster-image.js'

/** What makes an item transform on pictures; elements that are none pass by. */
export interface ImageTransformSpec<Draw> {
  readonly name: string
  readonly order: number
  readonly splitIdx?: number
  readonly toJSON: NonNullable<ItemTransform['toJSON']>
  /** Once per sample; `first` gives its first picture. */
  draw(context: TransformContext, first: () => RasterImage): Draw | Promise<Draw>
  encode(image: RasterImage, draw: Draw): RasterImage | Promise<RasterImage>
}

/** An item transform that acts on the pictures of a sample, all with the same draw. */
export function imageTransform<Draw>(spec: ImageTransformSpec<Draw>): ItemTransform<Draw> {
  const { name, order, splitIdx, toJSON } = spec
  const transform: ItemTransform<Draw> = {
    name,
    order,
    ...(splitIdx !== undefined && { splitIdx }),
    toJSON,
    draw: (sample, context) => spec.draw(context, () => firstImage(name, sample)),
    encode(element, draw) {
      const image = asRaster(element)
      return image ? spec.encode(image, draw) : element
    },
  }
  // Only written down here: `toTensor` does the work.
  return movable(transform, '@espalier/vision', { light: true })
}

function firstImage(name: string, sample: readonly unknown[]): RasterImage {
  for (const element of sample) {
    const image = asRaster(element)
    if (image) return image
  }
  throw new EspalierError('image/none', `${name}: this sample holds no picture`, {
    fix: 'use imageBlock() for the element that is one',
  })
}
