import { checkOptions, type ItemTransform } from '@espalier/data'
import type { PadMode } from './geometry.js'
import { imageTransform } from './image-transform.js'
import { checkResamples, filterFor, type ResampleOptions } from './resamples.js'
import { checkChoice, padModes, type SizeOption, sizeFrom, sizeToJson } from './size-option.js'
import { resizeRect } from './windows.js'

/** What happens to pictures of another aspect ratio. */
export interface ResizeOptions extends ResampleOptions {
  /** Cut off what does not fit (default), add what is missing, or squeeze. */
  readonly method?: 'crop' | 'pad' | 'squish'
  /** With `pad`: what is added. Default `reflection`. */
  readonly padMode?: PadMode
}

/**
 * Brings pictures to one size (fastai's `Resize`). **In training the part that `crop` keeps is chosen at random**;
 * in validation it is the middle. Pictures are averaged as Pillow does, masks take the nearest pixel.
 *
 * @example
 * resize(224)
 * resize([180, 240], { method: 'pad', padMode: 'zeros' })
 */
export function resize(
  size: SizeOption,
  options: ResizeOptions = {},
): ItemTransform<readonly [number, number]> {
  checkOptions('resize', options, ['method', 'padMode', 'resamples'])
  const { method = 'crop', padMode = 'reflection', resamples } = options
  checkResamples('resize', options)
  const target = sizeFrom('resize', size)
  checkChoice('resize', 'method', method, ['crop', 'pad', 'squish'])
  checkChoice('resize', 'padMode', padMode, padModes)
  return imageTransform({
    name: 'resize',
    order: 1,
    toJSON: () => ({ size: sizeToJson(target), method, padMode, ...(resamples && { resamples }) }),
    draw: ({ split, random }) => (split === 0 ? [random.uniform(), random.uniform()] : [0.5, 0.5]),
    async encode(image, place) {
      const filter = filterFor(image, options)
      if (method === 'squish') return image.resize(target, filter)
      const rect = resizeRect(await image.size(), target, method, place)
      return image.crop(rect, padMode).resize(target, filter)
    },
  })
}
