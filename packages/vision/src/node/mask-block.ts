import { cardGrid, type Figure } from '@espalier/core'
import { type Block, checkOptions, type NdArray } from '@espalier/data'
import { intToFloat } from '../augment/int-to-float.js'
import { MaskCodes, type MaskPrediction } from '../blocks/mask-codes.js'
import { toTensor } from '../image/to-tensor.js'
import type { ImageInput } from './open-image.js'
import { type OpenMaskOptions, openMask } from './open-mask.js'

/** The classes of a {@link maskBlock}, and how masks say them. */
export interface MaskBlockOptions extends Omit<OpenMaskOptions, 'classes'> {
  /** What the classes are called, in the order of their numbers. */
  readonly codes: readonly string[]
}

const known = ['codes', 'values', 'colors', 'palette', 'ignore', 'orient', 'maxPixels', 'timeout']

/**
 * A mask per item (fastai's `MaskBlock`): a picture whose pixels say of what class they are, by a number, by a colour
 * (`colors`) or by the place in a PNG's palette (`palette`). In a batch `[b, h, w]` class numbers; the default loss is
 * cross-entropy. Masks take the nearest pixel where pictures are averaged, and share every random draw with them.
 *
 * @example
 * dataBlock({
 *   blocks: [imageBlock(), maskBlock({ codes: ['background', 'cat'], values: [0, 255] })],
 *   getItems: getImageFiles,
 *   getY: (path) => path.replace('images', 'masks').replace('.jpg', '.png'),
 *   itemTfms: [resize(224)],
 *   batchTfms: augTransforms(),
 * })
 */
export function maskBlock(
  options: MaskBlockOptions,
): Block<ImageInput, NdArray<'uint8'>, MaskPrediction, Figure> {
  checkOptions('maskBlock', options, known)
  const { codes, ...reading } = options ?? {}
  const target = () => new MaskCodes({ codes, ignores: reading.ignore !== undefined })
  // What is wrong with the options is said at once.
  const open = () => openMask({ ...reading, classes: target().c })
  open()
  return {
    name: 'mask',
    typeTfms: () => [open(), target()],
    itemTfms: [toTensor()],
    batchTfms: [intToFloat()],
    render: (cards) => cardGrid(cards),
  }
}
