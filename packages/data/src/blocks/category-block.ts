import type { NdArray } from '../nd-array.js'
import type { Block } from './block.js'
import { Categorize, type CategorizeOptions, type CategoryPrediction } from './categorize.js'

/**
 * A single label per item (fastai's `CategoryBlock`): a string becomes a class number, `[b]` int32 in a batch;
 * the default loss is cross-entropy.
 */
export function categoryBlock(
  options: CategorizeOptions = {},
): Block<string, NdArray<'int32'>, CategoryPrediction, never> {
  return {
    name: 'category',
    typeTfms: () => [new Categorize(options)],
    accepts: (label) => (typeof label === 'string' ? undefined : 'a label must be a string: String(label)'),
  }
}
