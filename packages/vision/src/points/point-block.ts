import { type Block, checkOptions, type NdArray, transformBlock } from '@espalier/data'
import { marksProblem, type PointsInput } from './marks.js'
import { type PointScalerOptions, pointScaler } from './point-scaler.js'
import { PointSetup, type PointsPrediction } from './point-setup.js'

/**
 * Points of a picture (fastai's `PointBlock`), as many for every item: pairs (x, y) of pixels become float32 `[b, n, 2]`
 * from −1 to 1, and move with the picture. The default loss is the mean squared error.
 *
 * @example
 * dataBlock({ blocks: [imageBlock(), pointBlock()], getY: (file) => eyesOf(file), itemTfms: [resize(224)] })
 */
export function pointBlock(
  options: PointScalerOptions = {},
): Block<PointsInput, NdArray<'float32'>, PointsPrediction> {
  checkOptions('pointBlock', options, ['doScale', 'yFirst'])
  return transformBlock({
    name: 'points',
    typeTfms: () => [new PointSetup()],
    itemTfms: [pointScaler(options)],
    accepts: (points) => marksProblem('points', points),
  })
}
