/**
 * Data blocks, transforms, splits and loaders. Typed arrays in, typed batches out: no tensors, no engine.
 * @module
 */
export type { AnyBlock, Block, Card, Cell, LossName, Target } from './blocks/block.js'
export { Categorize, type CategorizeOptions, type CategoryPrediction } from './blocks/categorize.js'
export { categoryBlock } from './blocks/category-block.js'
export {
  type ArrayOf,
  DataBlock,
  type DataBlockSpec,
  dataBlock,
  type LoaderOptions,
  type PredictionOf,
  type RawOf,
  type ShownOf,
} from './data-block.js'
export { type Dataset, itemId } from './datasets/dataset.js'
export { Datasets, type DatasetsOptions, datasets, Subset, tfmdLists } from './datasets/datasets.js'
export { pick } from './datasets/pick.js'
export { describe, describeNumber } from './describe.js'
export { EspalierError, listed, reasonOf } from './errors.js'
export type { Json, Portable } from './json.js'
export { parentLabel } from './label/parent-label.js'
export { regexLabeller } from './label/regex-labeller.js'
export type { Batch, Place } from './load/batch.js'
export { checkLoader, checkLoaders } from './load/check-loaders.js'
export { collate } from './load/collate.js'
export { DataLoader, type DataLoaderOptions, type Skipped } from './load/data-loader.js'
export { DataLoaders, type DataLoadersOptions } from './load/data-loaders.js'
export { SkipItem } from './load/skip-item.js'
export {
  allocate,
  type DType,
  isNdArray,
  type NdArray,
  ndArray,
  row,
  sizeOf,
  stack,
  type TypedArray,
  type TypedArrays,
} from './nd-array.js'
export { Random } from './random/random.js'
export { funcSplitter } from './split/func-splitter.js'
export { grandparentSplitter } from './split/grandparent-splitter.js'
export { indexSplitter } from './split/index-splitter.js'
export { noSplitter } from './split/no-splitter.js'
export { randomSplitter } from './split/random-splitter.js'
export type { Splits, Splitter } from './split/splitter.js'
export type { BatchTransform } from './transform/batch-transform.js'
export { applyItemTransforms, type ItemTransform, mergeTransforms } from './transform/item-transform.js'
export { Pipeline } from './transform/pipeline.js'
export {
  asTransform,
  byOrder,
  type Transform,
  type TransformContext,
  type TransformLike,
} from './transform/transform.js'
