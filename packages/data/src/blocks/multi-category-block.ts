import { checkOptions } from '../check-options.js'
import { EspalierError } from '../errors.js'
import type { NdArray } from '../nd-array.js'
import type { Block } from './block.js'
import { EncodedMultiCategorize, type EncodedMultiCategorizeOptions } from './encoded-multi-categorize.js'
import { MultiCategorize, type MultiCategorizeOptions } from './multi-categorize.js'
import type { MultiCategoryPrediction } from './multi-label.js'
import { OneHotEncode } from './one-hot-encode.js'
import { transformBlock } from './transform-block.js'

/** A {@link multiCategoryBlock} of labels as texts. */
export interface MultiCategoryBlockOptions extends MultiCategorizeOptions {
  readonly encoded?: false
}

/** A {@link multiCategoryBlock} of labels that are zeros and ones already. */
export interface EncodedMultiCategoryBlockOptions extends EncodedMultiCategorizeOptions {
  readonly encoded: true
}

/**
 * Any number of labels per item (fastai's `MultiCategoryBlock`): a list of strings, or with `encoded` a 0 or 1 for each
 * class of the vocabulary, becomes `[b, c]` float32 zeros and ones in a batch; the default loss is binary cross-entropy.
 *
 * @example
 * dataBlock({ blocks: [imageBlock(), multiCategoryBlock()], getX: colReader('file'), getY: colReader('tags', { labelDelim: ' ' }) })
 */
export function multiCategoryBlock(
  options?: MultiCategoryBlockOptions,
): Block<readonly string[], NdArray<'float32'>, MultiCategoryPrediction>
export function multiCategoryBlock(
  options: EncodedMultiCategoryBlockOptions,
): Block<readonly (number | boolean)[], NdArray<'float32'>, MultiCategoryPrediction>
export function multiCategoryBlock(
  options: MultiCategoryBlockOptions | EncodedMultiCategoryBlockOptions = {},
): Block<never, NdArray<'float32'>, MultiCategoryPrediction> {
  checkOptions('multiCategoryBlock', options, ['encoded', 'vocab', 'addNa', 'thresh'])
  return options.encoded ? encodedBlock(options) : textBlock(options)
}

function textBlock({ encoded: _, ...options }: MultiCategoryBlockOptions) {
  new MultiCategorize(options) // Says at once what is wrong with the options.
  return transformBlock({
    name: 'labels',
    typeTfms: () => [new MultiCategorize(options), new OneHotEncode()],
    accepts: (labels) =>
      Array.isArray(labels)
        ? labels.every((label) => typeof label === 'string')
          ? undefined
          : 'labels must be strings: labels.map(String); for zeros and ones say multiCategoryBlock({ encoded: true, vocab: […] })'
        : typeof labels === 'string'
          ? "return a list: text.split(' '); for a single label use categoryBlock()"
          : 'return the labels as a list of strings; to predict a number use regressionBlock()',
  })
}

function encodedBlock({ vocab, ...options }: EncodedMultiCategoryBlockOptions) {
  if (vocab === undefined) {
    throw new EspalierError('category/vocab', 'encoded labels need a vocabulary', {
      fix: "say what their places stand for: multiCategoryBlock({ encoded: true, vocab: ['day', 'sea'] })",
    })
  }
  const { thresh } = options
  const make = () => new EncodedMultiCategorize({ vocab, ...(thresh !== undefined && { thresh }) })
  make() // Says at once what is wrong with the options.
  return transformBlock({
    name: 'labels',
    typeTfms: () => [make()],
    accepts: (places) =>
      Array.isArray(places) && places.every((v) => typeof v === 'number' || typeof v === 'boolean')
        ? undefined
        : 'encoded labels are a list of zeros and ones; for texts leave encoded out',
  })
}
