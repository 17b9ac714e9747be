import { checkOptions, EspalierError, type ItemTransform, movable } from '@espalier/data'
import type { Size } from '../image/geometry.js'
import { asRaster } from '../image/raster-image.js'
import { asMarks, mapMarks } from './marks.js'

/** How coordinates of points and boxes are given. */
export interface PointScalerOptions {
  /** False where they span the picture from −1 to 1 already. Default true: they are pixels from its upper left. */
  readonly doScale?: boolean
  /** True where they come as (y, x). Default false. */
  readonly yFirst?: boolean
}

/**
 * Points and boxes in pixels of the picture before them → numbers from −1 at its left and upper edge to 1 at the others
 * (fastai's `PointScaler`). It runs before anything is done to the picture; after that they move with it.
 */
export function pointScaler(options: PointScalerOptions = {}): ItemTransform<Size | undefined> {
  checkOptions('pointScaler', options, ['doScale', 'yFirst'])
  const { doScale = true, yFirst = false } = options
  const transform: ItemTransform<Size | undefined> = {
    name: 'pointScaler',
    order: -1,
    toJSON: () => ({ doScale, yFirst }),
    async draw(sample) {
      if (!doScale || !sample.some(asMarks)) return undefined
      for (const element of sample) {
        const picture = asRaster(element)
        if (picture) return picture.size()
      }
      throw new EspalierError('points/no-picture', 'pointScaler: this sample holds points and no picture', {
        fix: 'put an imageBlock() before the block of the points, or say pointBlock({ doScale: false })',
      })
    },
    encode(element, size) {
      const marks = asMarks(element)
      if (!marks) return element
      const turned = yFirst ? mapMarks(marks, (x, y) => [y, x]) : marks
      return size ? mapMarks(turned, (x, y) => [(2 * x) / size.width - 1, (2 * y) / size.height - 1]) : turned
    },
  }
  return movable(transform, '@espalier/vision', { light: true })
}

/** Points that a model predicts, from −1 to 1, as pixels of a picture. */
export function pointsToPixels(
  points: readonly (readonly [number, number])[],
  { width, height }: Size,
): [number, number][] {
  return points.map(([x, y]) => [((x + 1) / 2) * width, ((y + 1) / 2) * height])
}
