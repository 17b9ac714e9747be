/**
 * Modules, optimizers, the training loop and everything around it, on TensorFlow.js engines.
 * @module
 */
export {
  type BatchInfo,
  batchTensors,
  setupTransforms,
  type TensorTransform,
  tensorTransform,
} from './batch/tensor-transform.js'
export { type BundleSource, loadLearner } from './bundle/load-learner.js'
export { makePart, type PartKind, type PartKinds, registerPart } from './bundle/parts.js'
export type { CheckpointOptions, Resume } from './checkpoint/options.js'
export {
  currentEngine,
  type EngineInfo,
  type EngineName,
  type NativeEngine,
  setNativeEngine,
  useEngine,
} from './engine/engine.js'
export { record, Tape } from './engine/tape.js'

export * as tf from './engine/tf.js'
export {
  ClassificationInterpretation,
  type Classified,
  type Confusion,
  type ItemLoss,
} from './interpret/classification-interpretation.js'
export type { ClassificationReport, Scores } from './interpret/classification-report.js'
export { type InterpretationOf, type InterpretOptions, interpret } from './interpret/interpret.js'
export { Interpretation, type Losses, type LossOfItem, type TopOptions } from './interpret/interpretation.js'
export type { LookedAt } from './interpret/look-at.js'
export type { ShowResultsOptions } from './interpret/show-results.js'
export { type TrainingReportOptions, trainingReport } from './interpret/training-report.js'
export { toFloat32, toInt32 } from './io/convert.js'
export { detectWeights, type WeightsFormat } from './io/detect-weights.js'
export { readWeights } from './io/read-weights.js'
export {
  readSafetensors,
  type SafeTensor,
  type SafetensorsFile,
  type Written,
  writeSafetensors,
} from './io/safetensors.js'
export type { SafeDType } from './io/safetensors-header.js'
export { type LoadOptions, type LoadReport, loadStateDict, stateDict, torchShape } from './io/state-dict.js'
export { readTorch, type TorchOptions } from './io/torch/read-torch.js'
export { weightsDigest } from './io/weights-digest.js'
export { registerWeights, type WeightsSource } from './io/weights-registry.js'
export type { Callback } from './learner/callback.js'
export { Cancel, type CancelPart, cancel } from './learner/cancel.js'
export { params, wholeModel } from './learner/create-opt.js'
export type {
  BatchEndState,
  BatchState,
  EventName,
  Events,
  FitState,
  GradState,
  LossState,
  PredState,
} from './learner/events.js'
export type { FineTuneOptions } from './learner/fine-tune.js'
export type { Moms, OneCycleOptions } from './learner/fit-one-cycle.js'
export type { EpochRow, FitRecord } from './learner/fit-record.js'
export type { Predictions, PredsOptions, PredsParts, PredsRows } from './learner/get-preds.js'
export { type FitOptions, Learner, type LearnerOptions, type Scope } from './learner/learner.js'
export type { LrFindOptions, LrFound } from './learner/lr-find.js'
export { type LrSuggestion, minimum, type SuggestFunc, slide, steep, valley } from './learner/lr-suggest.js'
export { nanGuard } from './learner/nan-guard.js'
export { type GroupSchedule, paramScheduler } from './learner/param-scheduler.js'
export type { KeptOptions } from './learner/pred-pass.js'
export type { Predicted, PredictOptions, WithInput } from './learner/predict.js'
export type { PredsBatch } from './learner/preds-of.js'
export { progress } from './learner/progress.js'
export { Recorder } from './learner/recorder.js'
export type { RunState } from './learner/run-state.js'
export type { TtaOptions, TtaPredictions } from './learner/tta.js'
export type { Measured, ValidateOptions } from './learner/validate.js'
export type { WhichItems } from './learner/which-items.js'
export { bceWithLogitsLossFlat } from './losses/bce-with-logits.js'
export { type CrossEntropyOptions, crossEntropyFlat, crossEntropyLossFlat } from './losses/cross-entropy.js'
export type { Loss } from './losses/loss.js'
export { mseLossFlat } from './losses/mse.js'
export { accuracy, errorRate, topKAccuracy } from './metrics/accuracy.js'
export { avgMetric, type Metric, type MetricFunc, type MetricInput } from './metrics/metric.js'
export {
  type ActivationOptions,
  Identity,
  ReLU,
  ReLU6,
  Sigmoid,
  SigmoidRange,
  Tanh,
} from './nn/activations.js'
export { applyInit } from './nn/apply-init.js'
export { BatchNorm, type BatchNormOptions } from './nn/batch-norm.js'
export { type ConvLayerOptions, convLayer, type NormType } from './nn/conv-layer.js'
export { ConvTranspose2d, type ConvTranspose2dModuleOptions } from './nn/conv-transpose2d.js'
export { Conv2d, type Conv2dModuleOptions, type ConvInit } from './nn/conv2d.js'
export { Dropout } from './nn/dropout.js'
export { Embedding } from './nn/embedding.js'
export { Flatten } from './nn/flatten.js'
export {
  fanIn,
  fanOut,
  kaimingNormal,
  kaimingUniform,
  normal,
  setSeed,
  torchDefault,
  uniform,
  withoutInit,
  withSeed,
  xavierUniform,
} from './nn/init.js'
export { InstanceNorm2d } from './nn/instance-norm.js'
export { type LinBnDropOptions, linBnDrop, linBnDropLayers } from './nn/lin-bn-drop.js'
export { Linear } from './nn/linear.js'
export { type AnyModule, type Axes, buffer, Module, param, type Weight } from './nn/module.js'
export {
  AdaptiveAvgPool2d,
  AdaptiveConcatPool2d,
  AdaptiveMaxPool2d,
  AvgPool2d,
  MaxPool2d,
} from './nn/pools.js'
export { SpectralNormConv2d, WeightNormConv2d } from './nn/reparam-conv2d.js'
export type { Saved } from './nn/saved.js'
export { Sequential, sequential } from './nn/sequential.js'
export { type AdamOptions, adam, chain, type SgdOptions, sgd } from './optim/alias.js'
export { type HyperValue, type LrSlice, lrSlice, perGroup } from './optim/hypers.js'
export { type OptFunc, Optimizer, type ParamGroups } from './optim/optimizer.js'
export {
  adamStep,
  averageGrad,
  averageSqrGrad,
  type Hypers,
  l2Reg,
  momentumStep,
  type Step,
  type Stepping,
  sgdStep,
  stepCount,
  weightDecay,
} from './optim/steps.js'
export {
  type EndSignal,
  type ImageFormat,
  installedPlatform,
  type Platform,
  type ProcessAccess,
  platform,
  setPlatform,
} from './platform.js'
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
export { type Schedule, schedCos, schedExp, schedLin, schedNo, schedPoly } from './schedule/anneal.js'
export { combinedCos, combineScheds } from './schedule/combine.js'
