import {
  type Block,
  type CategorizeOptions,
  checkOptions,
  type NdArray,
  transformBlock,
} from '@espalier/data'
import { bbPad } from './bb-pad.js'
import { BoxLabels } from './box-labels.js'
import { markedCell } from './draw-marks.js'
import { marksOf, marksProblem, type PointsInput } from './marks.js'
import { type PointScalerOptions, pointScaler } from './point-scaler.js'

/**
 * Boxes of a picture (fastai's `BBoxBlock`), any number of them: (left, top, right, bottom) in pixels become float32
 * `[b, n, 4]` from −1 to 1 and move with the picture; boxes of zeros fill a batch up.
 *
 * @example
 * dataBlock({
 *   blocks: [imageBlock(), bboxBlock(), bboxLblBlock()],
 *   getters: [(f) => f, (f) => boxesOf(f), (f) => labelsOf(f)],
 *   nInp: 1,
 *   itemTfms: [resize(224)],
 * })
 */
export function bboxBlock(options: PointScalerOptions = {}): Block<PointsInput, NdArray<'float32'>> {
  checkOptions('bboxBlock', options, ['doScale', 'yFirst'])
  return transformBlock({
    name: 'boxes',
    typeTfms: () => [
      { name: 'boxes', encode: (given: PointsInput) => marksOf('boxes', given), show: markedCell },
    ],
    itemTfms: [pointScaler(options)],
    beforeBatch: [bbPad()],
    accepts: (boxes) => marksProblem('boxes', boxes),
  })
}

/** The labels of the boxes before it (fastai's `BBoxLblBlock`): `[b, n]` int32, 0 for `#na#`. */
export function bboxLblBlock(options: CategorizeOptions = {}): Block<readonly string[], NdArray<'int32'>> {
  new BoxLabels(options) // Says at once what is wrong with the options.
  return transformBlock({
    name: 'labels',
    typeTfms: () => [new BoxLabels(options)],
    accepts: (labels) => (Array.isArray(labels) ? undefined : 'return a list: one label for each box'),
  })
}
