/** The steps of this package that worker threads make again, by their names. They need no engine. */
import { imageParts } from '../image/parts.js'
import { type OpenImageOptions, openImage as open } from './open-image.js'

/** Pictures from files, from where they are opened until they are bytes. */
export const {
  toTensor,
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
