import { checkOptions } from '../check-options.js'
import type { NdArray } from '../nd-array.js'
import type { Block } from './block.js'
import { type RegressionOptions, RegressionSetup, regressionProblem } from './regression-setup.js'
import { transformBlock } from './transform-block.js'

/**
 * A number per item (fastai's `RegressionBlock`), or with `nOut` a list of so many: float32 `[b]` or `[b, nOut]` in a
 * batch; the default loss is the mean squared error.
 *
 * @example
 * dataBlock({ blocks: [imageBlock(), regressionBlock()], getX: colReader('file'), getY: colReader('age') })
 */
export function regressionBlock(options?: { readonly nOut?: 1 }): Block<number, NdArray<'float32'>, number>
export function regressionBlock(options: {
  readonly nOut: number
}): Block<readonly number[], NdArray<'float32'>, number[]>
export function regressionBlock(options: RegressionOptions = {}): Block<never, NdArray<'float32'>> {
  checkOptions('regressionBlock', options, ['nOut'])
  const { c } = new RegressionSetup(options)
  return transformBlock({
    name: 'number',
    typeTfms: () => [new RegressionSetup(options)],
    accepts: (y) => regressionProblem(y, c),
  })
}
