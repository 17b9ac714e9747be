import { isNdArray, type NdArray, ndArray } from '@espalier/data'
import { applySteps } from './apply-steps.js'
import { type ImageStep, type PadMode, type Rect, type Size, sizeAfter, type Turn } from './geometry.js'
import type { Filter } from './resample.js'

/** Where a picture's pixels come from. Both methods throw `SkipItem` when the picture cannot be read. */
export interface ImageSource {
  /** Of the upright picture. */
  size(): Promise<Size>
  /** Decodes, does the steps, and returns bytes `[h, w, c]`. */
  read(steps: readonly ImageStep[], filter: Filter): Promise<NdArray<'uint8'>>
}

/** What a picture shows: colours or greys to be averaged, or class numbers, which must not be. */
export type ImageKind = 'image' | 'mask'

/**
 * A picture that is not decoded yet, and what is still to be done to it (the place of Pillow's `Image` in fastai).
 * Item transforms only write down their geometry; `pixels` decodes and does it all at once.
 */
export class RasterImage {
  constructor(
    readonly source: ImageSource,
    readonly kind: ImageKind = 'image',
    readonly steps: readonly ImageStep[] = [],
    /** Whether random steps draw for it by itself: it shows another scene than the pictures before it in its sample. */
    readonly apart = false,
  ) {}

  /** A picture of given pixels: `[h, w, c]`, or `[h, w]` for a mask. */
  static of(pixels: NdArray<'uint8'>): RasterImage {
    const [h, w, c = 1] = pixels.shape as [number, number, number?]
    const array = ndArray('uint8', [h, w, c], pixels.data, pixels.kind)
    return new RasterImage(
      {
        size: async () => ({ width: w, height: h }),
        read: (steps, filter) => applySteps(array, steps, filter),
      },
      pixels.kind === 'mask' ? 'mask' : 'image',
    )
  }

  /** After the steps so far. */
  async size(): Promise<Size> {
    return sizeAfter(await this.source.size(), this.steps)
  }

  crop(rect: Rect, padMode: PadMode = 'zeros'): RasterImage {
    return this.#then({ do: 'crop', rect, padMode })
  }

  /** `filter` in place of the usual one: pictures are averaged, masks take the nearest pixel. */
  resize({ width, height }: Size, filter?: Filter): RasterImage {
    return this.#then({ do: 'resize', size: { width, height }, ...(filter && { filter }) })
  }

  turn(turn: Turn): RasterImage {
    return this.#then({ do: 'turn', turn })
  }

  /** The bytes: `[h, w, c]`, of a mask `[h, w]`. */
  async pixels(): Promise<NdArray<'uint8'>> {
    const { data, shape } = await this.source.read(this.steps, this.kind === 'mask' ? 'nearest' : 'bilinear')
    return ndArray('uint8', this.kind === 'mask' ? shape.slice(0, 2) : shape, data, this.kind)
  }

  #then(step: ImageStep): RasterImage {
    return new RasterImage(this.source, this.kind, [...this.steps, step], this.apart)
  }
}

/** An element of a sample as a picture, if it is one: undecoded, or bytes of kind `image` or `mask`. */
export function asRaster(element: unknown): RasterImage | undefined {
  if (element instanceof RasterImage) return element
  if (!isNdArray(element) || element.dtype !== 'uint8') return undefined
  return element.kind === 'image' || element.kind === 'mask'
    ? RasterImage.of(element as NdArray<'uint8'>)
    : undefined
}
