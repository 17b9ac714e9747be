/**
 * Modules, optimizers, the training loop and everything around it, on TensorFlow.js engines.
 * @module
 */
export {
  currentEngine,
  type EngineInfo,
  type EngineName,
  type NativeEngine,
  setNativeEngine,
  useEngine,
} from './engine/engine.js'
export { record, Tape } from './engine/tape.js'
export { toArray, toTensor } from './engine/tensors.js'
export * as tf from './engine/tf.js'
export { toFloat32, toInt32 } from './io/convert.js'
export {
  readSafetensors,
  type SafeTensor,
  type SafetensorsFile,
  type Written,
  writeSafetensors,
} from './io/safetensors.js'
export type { SafeDType } from './io/safetensors-header.js'
export { type ImageFormat, installedPlatform, type Platform, platform, setPlatform } from './platform.js'
export { type CardGridOptions, cardGrid } from './report/card-grid.js'
export { formatFloat, formatTime } from './report/console-text.js'
export { Figure, type FigureOptions, type MimeBundle } from './report/figure.js'
export { type HtmlReport, htmlReport, type ReportSection } from './report/html-report.js'
export { type PlotModule, plotFigure } from './report/plot.js'
export { type ConfusionPlot, plotConfusion } from './report/plot-confusion.js'
export { type LossHistory, plotLosses } from './report/plot-losses.js'
export { type LrFindCurve, plotLrFind } from './report/plot-lr-find.js'
export { plotSchedule, type ScheduleHistory } from './report/plot-schedule.js'
export { chooseReporter } from './report/progress/choose-reporter.js'
export { type LogReporterOptions, logReporter } from './report/progress/log-reporter.js'
export {
  type Broadcast,
  type NotebookReporterOptions,
  notebookReporter,
} from './report/progress/notebook-reporter.js'
export type {
  BatchProgress,
  EpochPlan,
  FitPlan,
  Phase,
  ProgressReporter,
} from './report/progress/progress-reporter.js'
export { silentReporter } from './report/progress/silent-reporter.js'
export { resultGrid, type ShownResult, type TopLoss, topLossGrid } from './report/result-grid.js'
export type { Tone } from './report/style.js'
export { Table, type TableValue } from './report/table.js'
