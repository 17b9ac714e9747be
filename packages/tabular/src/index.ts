/**
 * Tables, and models of their rows. This entry runs anywhere; on Node, files come on top.
 * @module
 */

export { embSzRule, getEmbSz } from './data/emb-sz.js'
export type { SplitOptions } from './data/split-frame.js'
export { TabDataLoader } from './data/tab-data-loader.js'
export { TableDataset } from './data/table-dataset.js'
export {
  TabularDataLoaders,
  type TabularLoaderOptions,
  type TabularPrediction,
} from './data/tabular-data-loaders.js'
export { TabularFrame, type TabularFrameOptions, tabularFrame } from './data/tabular-frame.js'
export type { TabularTarget } from './data/tabular-target.js'
export { Column, type ColumnKind, type Numbers, type Value } from './frame/column.js'
export { type ColumnLike, columnOf } from './frame/column-of.js'
export { type DfShrinkOptions, dfShrink } from './frame/df-shrink.js'
export { Frame, type Row, type SampleOptions } from './frame/frame.js'
export type { Aggregate, Aggregations, GroupedFrame } from './frame/group-by.js'
export type { JoinOptions } from './frame/join.js'
export type { ToCsvOptions } from './frame/to-csv.js'
export {
  type CalibrationBin,
  CalibrationCurve,
  type CalibrationOptions,
  calibrationCurve,
} from './interpret/calibration-curve.js'
export {
  type DependenceOptions,
  type DependencePoint,
  PartialDependence,
  partialDependence,
} from './interpret/partial-dependence.js'
export {
  type ColumnImportance,
  Importance,
  type ImportanceOptions,
  permutationImportance,
} from './interpret/permutation-importance.js'
export { type Slice, SliceMetrics, type SliceOptions, sliceMetrics } from './interpret/slice-metrics.js'
export { topLossRows } from './interpret/top-loss-rows.js'
export type { RowLearner } from './interpret/valid-rows.js'
export { entityEmbeddings } from './learner/embeddings.js'
export { loadLearner } from './learner/load-learner.js'
export { registerTabularParts } from './learner/register-tabular-parts.js'
export { type TabularLearnerOptions, tabularLearner } from './learner/tabular-learner.js'
export { EmbeddingList, type EmbSz } from './models/embedding-list.js'
export { TabularModel, type TabularModelConfig, type TabularModelOptions } from './models/tabular-model.js'
export { type AddDatepartOptions, addDatepart } from './procs/add-datepart.js'
export { addElapsedTimes } from './procs/add-elapsed-times.js'
export { type CategorifyOptions, categorify } from './procs/categorify.js'
export { type ContCatSplitOptions, contCatSplit } from './procs/cont-cat-split.js'
export { dateparts } from './procs/dateparts.js'
export { type FillMissingOptions, fillMissing } from './procs/fill-missing.js'
export { procsFromJson } from './procs/from-json.js'
export { type NormalizeOptions, normalize } from './procs/normalize.js'
export type { DecodeRowsOptions, FittedProc, Roles, TabularProc } from './procs/proc.js'
export { type Halves, TabularProcs } from './procs/tabular-procs.js'
export { type CsvOptions, usualNa } from './read/csv-options.js'
export { type CsvSource, parseCsv } from './read/parse-csv.js'
export { type JsonLinesOptions, parseJsonLines, readJsonLines } from './read/parse-json-lines.js'
export { type ArrowTable, fromArrow, parseArrow, readArrow } from './read/read-arrow.js'
export { readCsv } from './read/read-csv.js'
export { type ParquetOptions, parseParquet, readParquet } from './read/read-parquet.js'
