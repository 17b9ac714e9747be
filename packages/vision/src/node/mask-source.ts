import { EspalierError, type NdArray } from '@espalier/data'
import { NoClass, shown, type ToClasses } from '../blocks/mask-classes.js'
import { applySteps } from '../image/apply-steps.js'
import type { ImageStep, Size } from '../image/geometry.js'
import type { ImageSource } from '../image/raster-image.js'
import { checkSizes } from './encoded-source.js'

/** How a mask is read: its pixels as they lie in the file, and what they mean. */
export interface MaskReading {
  readonly size: () => Promise<Size>
  /** Bytes `[h, w, 1]`, of colours `[h, w, 3]`. */
  readonly pixels: () => Promise<NdArray<'uint8'>>
  readonly toClasses: ToClasses
  /** What the mask is called in errors. */
  readonly id: string
  readonly maxPixels: number
  /** What to do about a mask whose pixels are of no class. */
  readonly advice: (error: NoClass) => string
  readonly colors: boolean
}

/** A mask in a file or in memory. Its pixels become class numbers before anything else is done to it. */
export class MaskSource implements ImageSource {
  constructor(readonly reading: MaskReading) {}

  size(): Promise<Size> {
    return this.reading.size()
  }

  async read(steps: readonly ImageStep[]): Promise<NdArray<'uint8'>> {
    const { pixels, toClasses, maxPixels } = this.reading
    checkSizes(await this.size(), steps, maxPixels)
    const read = await pixels()
    try {
      return await applySteps(toClasses(read), steps, 'nearest')
    } catch (error) {
      throw error instanceof NoClass ? this.#explained(error) : error
    }
  }

  #explained(error: NoClass): EspalierError {
    const { id, colors, advice } = this.reading
    const what = colors ? 'the colour' : 'the value'
    return new EspalierError(
      'mask/class',
      `the mask ${id} has a pixel of ${what} ${shown(error.value, colors)}, which is of no class`,
      { fix: advice(error) },
    )
  }
}
