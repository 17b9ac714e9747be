/**
 * Data blocks, transforms, splits and loaders. Typed arrays in, typed batches out: no tensors, no engine.
 * @module
 */
export type { AnyBlock, Block, Card, Cell, DlType, LossName, Target } from './blocks/block.js'
export { CardTable, setTextWriter, type TextWriter } from './blocks/card-table.js'
export { Categorize, type CategorizeOptions, type CategoryPrediction } from './blocks/categorize.js'
export { categoryBlock } from './blocks/category-block.js'
export {
  EncodedMultiCategorize,
  type EncodedMultiCategorizeOptions,
} from './blocks/encoded-multi-categorize.js'
export { MultiCategorize, type MultiCategorizeOptions } from './blocks/multi-categorize.js'
export {
  type EncodedMultiCategoryBlockOptions,
  type MultiCategoryBlockOptions,
  multiCategoryBlock,
} from './blocks/multi-category-block.js'
export type { MultiCategoryPrediction } from './blocks/multi-label.js'
export { OneHotEncode, type OneHotEncodeOptions } from './blocks/one-hot-encode.js'
export { regressionBlock } from './blocks/regression-block.js'
export { type RegressionOptions, RegressionSetup } from './blocks/regression-setup.js'
export { type TransformBlockSpec, transformBlock } from './blocks/transform-block.js'
export { checkOptions } from './check-options.js'
export type { ColumnsOf, RowOf } from './columns.js'
export {
  type ArrayOf,
  type ArraysOf,
  DataBlock,
  type DataBlockSpec,
  dataBlock,
  type PredictionOf,
  type RawOf,
  type ShownOf,
} from './data-block.js'
export { type Dataset, itemId } from './datasets/dataset.js'
export { Datasets, type DatasetsOptions, datasets, Subset, tfmdLists } from './datasets/datasets.js'
export { pick } from './datasets/pick.js'
export { describe, describeNumber } from './describe.js'
export { EspalierError, listed, reasonOf } from './errors.js'
export type { Hash } from './fingerprint/content-digest.js'
export { type DataDescription, type DescribeDataOptions, describeData } from './fingerprint/describe-data.js'
export type { Json, Portable } from './json.js'
export { attrGetter, usingAttr, type WithAttr } from './label/attr-getter.js'
export { type ColReaderOptions, colReader } from './label/col-reader.js'
export type { RowWith } from './label/column.js'
export { itemGetter } from './label/item-getter.js'
export { parentLabel } from './label/parent-label.js'
export { type RegexLabellerOptions, regexLabeller } from './label/regex-labeller.js'
export type { Batch, Place } from './load/batch.js'
export { checkLoader, checkLoaders } from './load/check-loaders.js'
export { collate } from './load/collate.js'
export { DataLoader, type DataLoaderOptions, type Skipped } from './load/data-loader.js'
export {
  DataLoaders,
  type DataLoadersOptions,
  type StepsAt,
  type TestDlOptions,
} from './load/data-loaders.js'
export type { LoaderOptions } from './load/loader-options.js'
export type { FromDsetsOptions } from './load/loaders-from.js'
export { type EpochOrder, partialDl, weightedDl } from './load/order.js'
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
export { colSplitter } from './split/col-splitter.js'
export { type EndSplitterOptions, endSplitter } from './split/end-splitter.js'
export { funcSplitter } from './split/func-splitter.js'
export { type GrandparentSplitterOptions, grandparentSplitter } from './split/grandparent-splitter.js'
export { indexSplitter } from './split/index-splitter.js'
export { maskSplitter } from './split/mask-splitter.js'
export { noSplitter } from './split/no-splitter.js'
export { type RandomSplitterOptions, randomSplitter } from './split/random-splitter.js'
export { type RandomSubsetSplitterOptions, randomSubsetSplitter } from './split/random-subset-splitter.js'
export type { Splits, Splitter } from './split/splitter.js'
export { type TrainTestSplitterOptions, trainTestSplitter } from './split/train-test-splitter.js'
export type { SummaryOptions } from './summary.js'
export type { BatchTransform } from './transform/batch-transform.js'
export type { BeforeBatch, Sample } from './transform/before-batch.js'
export { eachElement } from './transform/each-element.js'
export {
  applyItemTransforms,
  type ItemTransform,
  mergeTransforms,
  sampleTransform,
} from './transform/item-transform.js'
export { locateSteps, movable, type StepSpec, stepSpec } from './transform/movable.js'
export { type DecodeOptions, Pipeline } from './transform/pipeline.js'
export {
  asTransform,
  byOrder,
  type Transform,
  type TransformContext,
  type TransformLike,
} from './transform/transform.js'
