import type { RasterImage } from './raster-image.js'
import type { Filter } from './resample.js'
import { checkChoice } from './size-option.js'

/** How pictures and how masks are resized, where it is said. */
export interface ResampleOptions {
  /** Default `['bilinear', 'nearest']`: pictures are averaged as Pillow does, masks take the nearest pixel. */
  readonly resamples?: readonly [images: Filter, masks: Filter]
}

/** The filter for a picture; nothing where its kind says it. */
export function filterFor({ kind }: RasterImage, { resamples }: ResampleOptions): Filter | undefined {
  return resamples?.[kind === 'mask' ? 1 : 0]
}

/** Throws unless `resamples` is a pair of filters. */
export function checkResamples(of: string, { resamples }: ResampleOptions): void {
  if (resamples === undefined) return
  for (const i of [0, 1]) checkChoice(of, 'resamples', resamples[i], ['bilinear', 'nearest'])
}
