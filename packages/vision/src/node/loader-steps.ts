/** The steps of this package that worker threads make again, by their names. They need no engine. */

import { MaskCodes, type MaskCodesOptions } from '../blocks/mask-codes.js'
import { imageParts } from '../image/parts.js'
import { type OpenImageOptions, openImage as open } from './open-image.js'
import { type OpenMaskOptions, openMask as openAsMask } from './open-mask.js'
import { pictureOfPair as openOfPair, type PictureOfPairOptions } from './picture-of-pair.js'

/** Pictures from files, from where they are opened until they are bytes. */
export const {
  toTensor,
  pointScaler,
  resize,
  randomResizedCrop,
  randomCrop,
  cropPad,
  ratioResize,
  flipItem,
  dihedralItem,
} = imageParts

/** What `openImage` writes down, with the limits of this machine. */
export const openImage = ({ kind, ...options }: OpenImageOptions & { readonly kind: 'image' | 'mask' }) =>
  open(options, kind)

/** What `openMask` writes down. */
export const openMask = (options: OpenMaskOptions) => openAsMask(options)

/** The classes of masks. */
export const maskCodes = (options: MaskCodesOptions) => new MaskCodes(options)

/** What `pictureOfPair` writes down. */
export const pictureOfPair = (options: PictureOfPairOptions) => openOfPair(options)
