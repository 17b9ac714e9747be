import { EspalierError, type ItemTransform, movable, type TransformContext } from '@espalier/data'
import { asMarks } from '../points/marks.js'
import { moveMarks } from '../points/move-marks.js'
import { asRaster, RasterImage } from './raster-image.js'

/** What makes an item transform on pictures; elements that are none pass by. */
export interface ImageTransformSpec<Draw> {
  readonly name: string
  readonly order: number
  readonly splitIdx?: number
  readonly toJSON: NonNullable<ItemTransform['toJSON']>
  /** Once per sample, and for each further picture that stands apart; `first` gives the picture. */
  draw(context: TransformContext, first: () => RasterImage): Draw | Promise<Draw>
  encode(image: RasterImage, draw: Draw): RasterImage | Promise<RasterImage>
}

/**
 * An item transform that acts on the pictures of a sample, all with the same draw, but for those that stand apart. Points
 * and boxes move with the first of them.
 */
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
    async encodeSample(sample, draw, context) {
      const draws = await drawsOf(sample, draw, (image) => spec.draw(context, () => image))
      const done = await Promise.all(sample.map((e, i) => transform.encode(e, draws[i]!, context)))
      if (!sample.some(asMarks)) return done
      const at = sample.findIndex((element) => asRaster(element))
      const [before, after] = [asRaster(sample[at]), done[at]]
      if (!before || !(after instanceof RasterImage)) return done
      const size = await before.size()
      const steps = after.steps.slice(before.steps.length)
      return done.map((element) => {
        const marks = asMarks(element)
        return marks ? moveMarks(marks, steps, size) : element
      })
    },
  }
  // Only written down here: `toTensor` does the work.
  return movable(transform, '@espalier/vision', { light: true })
}

/** The draw of each element: that of the sample, or of a picture that stands apart its own. */
async function drawsOf<Draw>(
  sample: readonly unknown[],
  shared: Draw,
  own: (image: RasterImage) => Draw | Promise<Draw>,
): Promise<Draw[]> {
  const first = sample.findIndex((element) => asRaster(element))
  const draws: Draw[] = []
  // One after the other: they share the draws of the sample.
  for (const [i, element] of sample.entries()) {
    const apart = i > first && element instanceof RasterImage && element.apart
    draws.push(apart ? await own(element) : shared)
  }
  return draws
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
