import type { TensorTransform } from '@espalier/core'
import { checkOptions, describe, EspalierError } from '@espalier/data'
import { checkNumber, type Range, sizeFrom } from '../image/size-option.js'
import { lighting } from './lighting.js'
import { brightness, contrast } from './lighting-steps.js'
import { randomResizedCropGpu } from './random-resized-crop-gpu.js'
import { type AugTransform, setupAugTfms } from './setup-aug-tfms.js'
import { type SpatialOptions, spatial } from './spatial.js'
import { dihedral, flip, rotate, warp, zoom } from './spatial-steps.js'

/** fastai's knobs of `aug_transforms`. */
export interface AugTransformsOptions extends SpatialOptions {
  /** Multiplies `maxRotate`, `maxLighting` and `maxWarp`. Default 1. */
  readonly mult?: number
  /** Mirror at random. Default true. */
  readonly doFlip?: boolean
  /** Also upside down and on its sides. Default false. */
  readonly flipVert?: boolean
  /** In degrees. Default 10. */
  readonly maxRotate?: number
  /** Default 1. */
  readonly minZoom?: number
  /** Default 1.1. */
  readonly maxZoom?: number
  /** Of brightness and contrast. Default 0.2. */
  readonly maxLighting?: number
  /** Of the view from aside. Default 0.2. */
  readonly maxWarp?: number
  /** Probability of each of warp, rotation and zoom. Default 0.75. */
  readonly pAffine?: number
  /** Probability of each of brightness and contrast. Default 0.75. */
  readonly pLighting?: number
  /** More transforms, after these; steps of geometry and light, such as `saturation()`, become part of these. */
  readonly xtraTfms?: readonly AugTransform[]
  /** Below 1, with `size`: images are first cropped to a random part of at least this fraction of their area. Default 1. */
  readonly minScale?: number
}

/**
 * The augmentation that suits most photographs (fastai's `aug_transforms`): flip, tilt, rotation and zoom in one
 * interpolation, brightness and contrast in one pass. With `size`, images get that size in validation too.
 *
 * @example
 * dataBlock({ …, itemTfms: [resize(460)], batchTfms: augTransforms({ size: 224, minScale: 0.75 }) })
 */
export function augTransforms(options: AugTransformsOptions = {}): readonly TensorTransform[] {
  check(options)
  const { mult = 1, doFlip = true, flipVert = false, minZoom = 1, maxZoom = 1.1, minScale = 1 } = options
  const { pAffine = 0.75, pLighting = 0.75, batch = false, xtraTfms = [], size, ...rest } = options
  const { mode = 'bilinear', modeMask = 'nearest', padMode = 'reflection', alignCorners = true } = rest
  const maxRotate = mult * (options.maxRotate ?? 10)
  const maxLighting = mult * (options.maxLighting ?? 0.2)
  const maxWarp = mult * (options.maxWarp ?? 0.2)
  if (minScale !== 1 && size === undefined) {
    throw new EspalierError('augment/size', 'augTransforms: minScale needs a size', {
      fix: 'say augTransforms({ size: 224, minScale: 0.75 })',
    })
  }
  const steps = [
    ...(doFlip ? [flipVert ? dihedral({ p: 0.5 }) : flip({ p: 0.5 })] : []),
    ...(maxWarp ? [warp({ magnitude: maxWarp, p: pAffine })] : []),
    ...(maxRotate ? [rotate({ maxDeg: maxRotate, p: pAffine })] : []),
    ...(minZoom < 1 || maxZoom > 1 ? [zoom({ minZoom, maxZoom, p: pAffine })] : []),
  ]
  const light = { maxLighting, p: pLighting }
  const placed = { size: minScale === 1 ? size : undefined, mode, modeMask, padMode, alignCorners, batch }
  return setupAugTfms([
    spatial(steps, placed),
    ...(maxLighting ? [lighting([brightness(light), contrast(light)], { batch })] : []),
    ...(minScale !== 1 && size !== undefined
      ? [randomResizedCropGpu(size, { minScale, ratio: [1, 1], mode, modeMask })]
      : []),
    ...xtraTfms,
  ])
}

const positive: Range = [0, Number.POSITIVE_INFINITY]
const share: Range = [0, 1]

const ranges = {
  mult: positive,
  maxRotate: positive,
  minZoom: positive,
  maxZoom: positive,
  maxLighting: share,
  maxWarp: positive,
  pAffine: share,
  pLighting: share,
  minScale: share,
} as const

function check(options: AugTransformsOptions): void {
  if (typeof options !== 'object' || options === null) {
    throw new EspalierError('augment/options', `augTransforms takes an object, got ${describe(options)}`, {
      fix: 'say augTransforms({ size: 224 })',
    })
  }
  checkOptions('augTransforms', options, [
    ...Object.keys(ranges),
    ...['doFlip', 'flipVert', 'xtraTfms', 'size', 'mode', 'modeMask', 'padMode', 'alignCorners', 'batch'],
  ])
  if (options.xtraTfms !== undefined && !Array.isArray(options.xtraTfms)) {
    throw new EspalierError(
      'augment/options',
      `augTransforms: xtraTfms must be a list, got ${describe(options.xtraTfms)}`,
      { fix: 'say xtraTfms: [saturation(), randomErasing()]' },
    )
  }
  if (options.size !== undefined) sizeFrom('augTransforms', options.size)
  for (const [name, range] of Object.entries(ranges) as [keyof typeof ranges, Range][]) {
    if (options[name] !== undefined) checkNumber('augTransforms', name, options[name], range)
  }
}
