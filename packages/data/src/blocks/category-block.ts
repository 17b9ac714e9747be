import type { NdArray } from '../nd-array.js'
import type { Block } from './block.js'
import { Categorize, type CategorizeOptions, type CategoryPrediction } from './categorize.js'
import { transformBlock } from './transform-block.js'

/**
 * A single label per item (fastai's `CategoryBlock`): a string becomes a class number, `[b]` int32 in a batch;
 * the default loss is cross-entropy.
 *
 * @example
 * dataBlock({ blocks: [imageBlock(), categoryBlock()], getItems: getImageFiles, getY: parentLabel })
 */
export function categoryBlock(
  options: CategorizeOptions = {},
): Block<string, NdArray<'int32'>, CategoryPrediction> {
  new Categorize(options) // Says at once what is wrong with the options.
  return transformBlock({
    name: 'category',
    typeTfms: () => [new Categorize(options)],
    accepts: (label) => {
      if (typeof label === 'string') return undefined
      if (typeof label === 'number') {
        return 'a label must be a string: String(label); to predict the number itself use regressionBlock()'
      }
      return Array.isArray(label)
        ? 'a label must be a string; for several labels of an item use multiCategoryBlock()'
        : 'a label must be a string: String(label)'
    },
  })
}
