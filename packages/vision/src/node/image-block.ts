import { cardGrid, type Figure } from '@espalier/core'
import { type Block, checkOptions, EspalierError, type NdArray } from '@espalier/data'
import { intToFloat } from '../augment/int-to-float.js'
import { type ImagePrediction, imageTarget } from '../generative/image-target.js'
import { toTensor } from '../image/to-tensor.js'
import { withMarks } from '../points/draw-marks.js'
import { type ImageInput, type OpenImageOptions, openImage } from './open-image.js'

/** How the pictures of a block are read. */
export interface ImageBlockOptions extends Omit<OpenImageOptions, 'mode'> {
  /** One channel instead of three (fastai's `PILImageBW`). */
  readonly grey?: boolean
  /**
   * So many channels as they lie in the file, or in pixels in memory, for pictures that are not colours: a TIFF of five
   * bands, or a PNG with its transparency as a fourth. Default: three.
   */
  readonly channels?: number
}

/**
 * A picture per item (fastai's `ImageBlock`): opened from a path, the bytes of a file or pixels, and in a batch
 * `[b, h, w, 3]` bytes, `[b, h, w, 1]` when grey, or as many channels as are asked for; for the model, numbers from 0 to 1. Bring all to one size with
 * `resize` or another item transform. As the last block it is a target: pictures are made of pictures, which need no
 * vocabulary and share all geometry with their inputs.
 *
 * @example
 * dataBlock({ blocks: [imageBlock(), categoryBlock()], getItems: getImageFiles, getY: parentLabel, itemTfms: [resize(224)] })
 */
export function imageBlock(
  options: ImageBlockOptions = {},
): Block<ImageInput, NdArray<'uint8'>, ImagePrediction, Figure> {
  checkOptions('imageBlock', options, ['grey', 'channels', 'orient', 'maxPixels', 'timeout'])
  const { grey = false, channels, ...reading } = options
  if (grey && channels !== undefined && channels !== 1) {
    throw new EspalierError('image/option', `imageBlock: grey pictures have one channel, not ${channels}`, {
      fix: 'leave out grey or channels',
    })
  }
  const open = () => openImage({ ...reading, mode: grey ? 'L' : (channels ?? 'RGB') })
  open() // Says at once what is wrong with the options.
  return {
    name: 'image',
    // The step stays the same object: threads know it by that.
    typeTfms: () => [Object.assign(open(), imageTarget(channels ?? (grey ? 1 : 3)))],
    itemTfms: [toTensor()],
    batchTfms: [intToFloat()],
    render: (cards) => cardGrid(cards.then((all) => all.map(withMarks))),
  }
}
