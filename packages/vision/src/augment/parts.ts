import type { BatchTransform } from '@espalier/data'
import type { SizeOption } from '../image/size-option.js'
import { intToFloat } from './int-to-float.js'
import { type ImageStats, normalize } from './normalize.js'
import { type RandomResizedCropGpuOptions, randomResizedCropGpu } from './random-resized-crop-gpu.js'
import { type SpatialOptions, spatial } from './spatial.js'

/** How a bundle makes each batch transform that runs in prediction; random geometry and light are left behind. */
export const augParts: Readonly<Record<string, (options: never) => BatchTransform>> = {
  intToFloat: (options: { readonly div: number; readonly divMask: number }) => intToFloat(options),
  normalize: (stats: ImageStats) => normalize(stats),
  spatial: ({ steps: _, ...options }: SpatialOptions & { readonly steps: unknown }) => spatial([], options),
  randomResizedCropGpu: ({ size, ...options }: RandomResizedCropGpuOptions & { readonly size: SizeOption }) =>
    randomResizedCropGpu(size, options),
}
