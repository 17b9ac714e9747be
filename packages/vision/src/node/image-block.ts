import { cardGrid, type Figure } from '@espalier/core'
import type { Block, NdArray } from '@espalier/data'
import { intToFloat } from '../augment/int-to-float.js'
import { toTensor } from '../image/to-tensor.js'
import { type ImageInput, type OpenImageOptions, openImage } from './open-image.js'

/** How the pictures of a block are read. */
export interface ImageBlockOptions extends Omit<OpenImageOptions, 'mode'> {
  /** One channel instead of three (fastai's `PILImageBW`). */
  readonly grey?: boolean
}

/**
 * A picture per item (fastai's `ImageBlock`): opened from a path, the bytes of a file or pixels, and in a batch
 * `[b, h, w, 3]` bytes, or `[b, h, w, 1]` when grey; for the model, numbers from 0 to 1. Bring all to one size with
 * `resize` or another item transform.
 *
 * @example
 * dataBlock({ blocks: [imageBlock(), categoryBlock()], getItems: getImageFiles, getY: parentLabel, itemTfms: [resize(224)] })
 */
export function imageBlock({
  grey = false,
  ...options
}: ImageBlockOptions = {}): Block<ImageInput, NdArray<'uint8'>, never, Figure> {
  return {
    name: 'image',
    typeTfms: () => [openImage({ ...options, mode: grey ? 'L' : 'RGB' })],
    itemTfms: [toTensor()],
    batchTfms: [intToFloat()],
    render: (cards) => cardGrid(cards),
  }
}
