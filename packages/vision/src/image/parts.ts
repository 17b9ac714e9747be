import type { ItemTransform } from '@espalier/data'
import { type PointScalerOptions, pointScaler } from '../points/point-scaler.js'
import { cropPad, randomCrop, ratioResize } from './crop-transforms.js'
import { dihedralItem, flipItem } from './flip-item.js'
import type { PadMode } from './geometry.js'
import { type RandomResizedCropOptions, randomResizedCrop } from './random-resized-crop.js'
import type { ResampleOptions } from './resamples.js'
import { type ResizeOptions, resize } from './resize.js'
import type { SizeOption } from './size-option.js'
import { toTensor } from './to-tensor.js'

interface Sized {
  readonly size: SizeOption
}

/** How a bundle makes each item transform from what its `toJSON` wrote. */
export const imageParts: Readonly<Record<string, (options: never) => ItemTransform>> = {
  toTensor: () => toTensor(),
  resize: ({ size, ...options }: Sized & ResizeOptions) => resize(size, options),
  randomResizedCrop: ({ size, ...options }: Sized & RandomResizedCropOptions) =>
    randomResizedCrop(size, options),
  randomCrop: ({ size }: Sized) => randomCrop(size),
  cropPad: ({ size, padMode }: Sized & { readonly padMode: PadMode }) => cropPad(size, { padMode }),
  ratioResize: ({ maxSz, ...options }: { readonly maxSz: number } & ResampleOptions) =>
    ratioResize(maxSz, options),
  flipItem: (options: { readonly p: number }) => flipItem(options),
  dihedralItem: (options: { readonly p: number }) => dihedralItem(options),
  pointScaler: (options: PointScalerOptions) => pointScaler(options),
}
