/**
 * Modules, optimizers, the training loop and everything around it, on TensorFlow.js engines.
 * @module
 */
export {
  type BatchInfo,
  batchTensors,
  type Moves,
  type PlaneSize,
  setupTransforms,
  type TensorTransform,
  tensorTransform,
} from './batch/tensor-transform.js'
export { type BundleSource, loadLearner } from './bundle/load-learner.js'
export type { PartSpec } from './bundle/manifest.js'
export { makePart, type PartKind, type PartKinds, registerPart } from './bundle/parts.js'
export {
  type ActivationStats,
  type ActivationStatsOptions,
  activationStats,
  type LayerId,
  type LayerStats,
} from './callback/activation-stats.js'
export { bnFreeze } from './callback/bn-freeze.js'
export { cutMix } from './callback/cut-mix.js'
export { earlyStopping, type PatienceOptions, type Patient } from './callback/early-stopping.js'
export { type EmaOptions, emaWeights } from './callback/ema-weights.js'
export { gradientAccumulation } from './callback/gradient-accumulation.js'
export { gradientClip } from './callback/gradient-clip.js'
export { mcDropout } from './callback/mc-dropout.js'
export { mixUp } from './callback/mix-up.js'
export { modelResetter } from './callback/model-resetter.js'
export { type ReduceLROptions, reduceLROnPlateau } from './callback/reduce-lr-on-plateau.js'
export { type SaveModel, type SaveModelOptions, saveModel } from './callback/save-model.js'
export { type ShortEpochOptions, shortEpoch } from './callback/short-epoch.js'
export { terminateOnNaN } from './callback/terminate-on-nan.js'
export { type Tracker, type TrackerOptions, trackerCallback } from './callback/tracker-callback.js'
export { unpackCurve } from './card/curve.js'
export { CardChange, diffCards } from './card/diff-cards.js'
export { parseRunCards } from './card/parse-cards.js'
export type { CardFit, CardNumber, CardPart, RunCard } from './card/run-card.js'
export type { CheckpointOptions, Resume } from './checkpoint/options.js'
export {
  currentEngine,
  type EngineInfo,
  type EngineName,
  type NativeEngine,
  setNativeEngine,
  useEngine,
} from './engine/engine.js'
export { noGrad } from './engine/no-grad.js'
export { record, Tape } from './engine/tape.js'

export * as tf from './engine/tf.js'
export { type Advice, advise } from './interpret/advise.js'
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
export type { RunFacts, Step as AdvisedStep } from './interpret/next-steps.js'
export type { ShowResultsOptions } from './interpret/show-results.js'
export { type TrainingReportOptions, trainingReport } from './interpret/training-report.js'
export type { Course, Curves, Evidence, FitState as RunVerdict } from './interpret/verdict.js'
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
export { readPickledTexts } from './io/torch/read-pickled-texts.js'
export { readTorch, type TorchOptions } from './io/torch/read-torch.js'
export { weightsDigest } from './io/weights-digest.js'
export { registerWeights, type WeightsSource } from './io/weights-registry.js'
export type { Callback } from './learner/callback.js'
export { Cancel, type CancelPart, cancel } from './learner/cancel.js'
export { params, wholeModel } from './learner/create-opt.js'
export type { Estimate, EstimateOptions } from './learner/estimate.js'
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
export type { FlatCosOptions } from './learner/fit-flat-cos.js'
export type { Moms, OneCycleOptions } from './learner/fit-one-cycle.js'
export type { EpochRow, FitRecord } from './learner/fit-record.js'
export type { SgdrOptions } from './learner/fit-sgdr.js'
export type { Predictions, PredsOptions, PredsParts, PredsRows } from './learner/get-preds.js'
export { Learner } from './learner/learner.js'
export {
  type FitOptions,
  type LearnerOptions,
  learnerOptionNames,
  type Scope,
} from './learner/learner-options.js'
export type { LrFindOptions, LrFound } from './learner/lr-find.js'
export {
  type LrSuggestion,
  minimum,
  type SlideOptions,
  type SuggestFunc,
  slide,
  steep,
  valley,
} from './learner/lr-suggest.js'
export { nanGuard } from './learner/nan-guard.js'
export { type GroupSchedule, paramScheduler } from './learner/param-scheduler.js'
export type { KeptOptions } from './learner/pred-pass.js'
export type { Predicted, PredictOptions, WithInput } from './learner/predict.js'
export type { PredsBatch } from './learner/preds-of.js'
export { progress } from './learner/progress.js'
export { Recorder, type RecorderOptions } from './learner/recorder.js'
export type { RunState } from './learner/run-state.js'
export type { LoadModelOptions, SaveOptions } from './learner/save.js'
export type { TtaOptions, TtaPredictions } from './learner/tta.js'
export type { Measured, ValidateOptions } from './learner/validate.js'
export type { WhichItems } from './learner/which-items.js'
export { type CsvLoggerOptions, csvLogger } from './log/csv-logger.js'
export { type JsonlLoggerOptions, jsonlLogger } from './log/jsonl-logger.js'
export type { Picture } from './log/tensor-board/png-of.js'
export { type TensorBoardOptions, tensorBoard } from './log/tensor-board/tensor-board.js'
export { bceLossFlat } from './losses/bce.js'
export { type BceWithLogitsOptions, bceWithLogitsLossFlat } from './losses/bce-with-logits.js'
export type { ClassOptions } from './losses/class-rows.js'
export { combinedLoss } from './losses/combined.js'
export { type CrossEntropyOptions, crossEntropyFlat, crossEntropyLossFlat } from './losses/cross-entropy.js'
export { type DiceLossOptions, diceLoss } from './losses/dice.js'
export { type FocalOptions, focalLossFlat } from './losses/focal.js'
export { type LabelSmoothingOptions, labelSmoothingCrossEntropyFlat } from './losses/label-smoothing.js'
export type { Loss, Reduction } from './losses/loss.js'
export { l1LossFlat, mseLossFlat, type ReductionOptions } from './losses/mse.js'
export {
  type AccumFunc,
  type AccumOptions,
  accumMetric,
  type SkmOptions,
  skmToFastai,
} from './metrics/accum-metric.js'
export { accuracy, errorRate, topKAccuracy } from './metrics/accuracy.js'
export { accuracyMulti, type MultiOptions } from './metrics/accuracy-multi.js'
export {
  type ApScoreBinaryOptions,
  type ApScoreMultiOptions,
  apScoreBinary,
  apScoreMulti,
} from './metrics/ap-score.js'
export { type BalancedAccuracyOptions, balancedAccuracy } from './metrics/balanced-accuracy.js'
export { brierScore, brierScoreMulti, type ProbabilityOptions } from './metrics/brier-score.js'
export { type CohenKappaOptions, cohenKappa } from './metrics/cohen-kappa.js'
export { corpusBleu } from './metrics/corpus-bleu.js'
export { type CorrCoefOptions, pearsonCorrCoef, spearmanCorrCoef } from './metrics/corr-coef.js'
export { type DiceOptions, dice, jaccardCoeff } from './metrics/dice.js'
export { diceMulti, jaccardCoeffMulti } from './metrics/dice-multi.js'
export { type ClassScoreOptions, f1Score, fBeta, jaccard, precision, recall } from './metrics/f-beta.js'
export {
  f1ScoreMulti,
  fBetaMulti,
  jaccardMulti,
  type LabelScoreOptions,
  precisionMulti,
  recallMulti,
} from './metrics/f-beta-multi.js'
export { type ForegroundOptions, foregroundAcc } from './metrics/foreground-acc.js'
export { hammingLoss, hammingLossMulti } from './metrics/hamming-loss.js'
export { lossMetric, lossMetrics } from './metrics/loss-metric.js'
export { matthewsCorrCoef, matthewsCorrCoefMulti } from './metrics/matthews-corr-coef.js'
export {
  avgMetric,
  type Metric,
  type MetricFunc,
  type MetricInput,
  type MetricOptions,
  type PredictionKind,
} from './metrics/metric.js'
export { mae, mse, msle } from './metrics/mse.js'
export { type OptimMetric, type OptimOptions, optimMetric } from './metrics/optim-metric.js'
export type { LabelAverage } from './metrics/over-labels.js'
export { type PerplexityOptions, perplexity } from './metrics/perplexity.js'
export { explainedVariance, r2Score } from './metrics/r2-score.js'
export { expRmspe, rmse } from './metrics/rmse.js'
export {
  type RocAucBinaryOptions,
  type RocAucMultiOptions,
  type RocAucOptions,
  rocAuc,
  rocAucBinary,
  rocAucMulti,
} from './metrics/roc-auc.js'
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
export { type BlockKind, resBlock, seBlock, separableBlock, seResNeXtBlock } from './nn/block-kinds.js'
export { BlurPool2d } from './nn/blur-pool2d.js'
export { type ConvLayerOptions, convLayer, type NormType } from './nn/conv-layer.js'
export { ConvTranspose2d, type ConvTranspose2dModuleOptions } from './nn/conv-transpose2d.js'
export { Conv2d, type Conv2dModuleOptions, type ConvInit } from './nn/conv2d.js'
export { dropFactors, dropMask } from './nn/drop-mask.js'
export { Dropout, dropout } from './nn/dropout.js'
export { Dropout2d } from './nn/dropout2d.js'
export { Embedding } from './nn/embedding.js'
export { Flatten } from './nn/flatten.js'
export { GELU } from './nn/gelu.js'
export { type HeldModes, holdModes } from './nn/hold-modes.js'
export { hookOutputs, type OutputHooks } from './nn/hook-outputs.js'
export { icnrInit } from './nn/icnr-init.js'
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
export { isNorm } from './nn/is-norm.js'
export { LayerNorm, type LayerNormOptions } from './nn/layer-norm.js'
export { LeakyReLU } from './nn/leaky-relu.js'
export { type LinBnDropOptions, linBnDrop, linBnDropLayers } from './nn/lin-bn-drop.js'
export { Linear } from './nn/linear.js'
export { MergeLayer } from './nn/merge-layer.js'
export { Mish } from './nn/mish.js'
export { inChannels, type ModelSizesOptions, modelSizes } from './nn/model-sizes.js'
export { type AnyModule, type Axes, buffer, Module, param, type Weight } from './nn/module.js'
export { nextDrops, setDropoutPlace } from './nn/next-drops.js'
export { PixelShuffle } from './nn/pixel-shuffle.js'
export { type PixelShuffleIcnrOptions, pixelShuffleIcnr } from './nn/pixel-shuffle-icnr.js'
export { type PoolType, poolFlatten } from './nn/pool-flatten.js'
export { PooledSelfAttention2d } from './nn/pooled-self-attention2d.js'
export {
  AdaptiveAvgPool2d,
  AdaptiveConcatPool2d,
  AdaptiveMaxPool2d,
  AvgPool2d,
  MaxPool2d,
} from './nn/pools.js'
export { ProdLayer } from './nn/prod-layer.js'
export { SpectralNormConv2d, WeightNormConv2d } from './nn/reparam-conv2d.js'
export { ReplicationPad2d } from './nn/replication-pad2d.js'
export { ResBlock, type ResBlockOptions } from './nn/res-block.js'
export { resetModules } from './nn/reset-modules.js'
export type { Saved } from './nn/saved.js'
export { seModule } from './nn/se-module.js'
export { SelfAttention } from './nn/self-attention.js'
export { Sequential, sequential } from './nn/sequential.js'
export { SequentialEx, type TakesOrig } from './nn/sequential-ex.js'
export { type SimpleCnnOptions, simpleCnn } from './nn/simple-cnn.js'
export { SimpleSelfAttention } from './nn/simple-self-attention.js'
export { SqueezeExcite } from './nn/squeeze-excite.js'
export { StochasticDepth } from './nn/stochastic-depth.js'
export { Swish, type SwishOptions } from './nn/swish.js'
export { Upsample, type UpsampleOptions } from './nn/upsample.js'
export { type AdamOptions, adam, chain, type SgdOptions, sgd } from './optim/alias.js'
export { type HyperValue, type LrSlice, lrSlice, perGroup } from './optim/hypers.js'
export { type LambOptions, lamb, lambStep } from './optim/lamb.js'
export { type LarcLayerLrOptions, type LarcOptions, larc, larcLayerLr, larcStep } from './optim/larc.js'
export { lookahead } from './optim/lookahead.js'
export { type LookaheadOptions, lookaheadStep } from './optim/lookahead-step.js'
export { type OptFunc, Optimizer, type ParamGroups } from './optim/optimizer.js'
export type { OptimizerState, SavedParam } from './optim/optimizer-state.js'
export { type QHAdamOptions, qhadam, qhadamStep } from './optim/qhadam.js'
export { type RAdamOptions, radam } from './optim/radam.js'
export { radamStep } from './optim/radam-step.js'
export { type RangerOptions, ranger } from './optim/ranger.js'
export { type RmsPropOptions, rmsProp, rmsPropStep } from './optim/rms-prop.js'
export {
  adamStep,
  averageGrad,
  averageSqrGrad,
  type Hypers,
  l2Reg,
  momentumStep,
  type Slot,
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
  type MachineAccess,
  type Platform,
  type ProcessAccess,
  type ProgramInfo,
  platform,
  setPlatform,
} from './platform.js'
export { type CardGridOptions, cardGrid } from './report/card-grid.js'
export { formatFloat, formatTime } from './report/console-text.js'
export { Figure, type FigureOptions, type MimeBundle } from './report/figure.js'
export { type HtmlReport, htmlReport, type ReportSection } from './report/html-report.js'
export { type PlotModule, plotFigure } from './report/plot.js'
export { type HistHistory, plotColorDim } from './report/plot-color-dim.js'
export { type ConfusionPlot, plotConfusion } from './report/plot-confusion.js'
export { type LayerHistory, plotLayerStats } from './report/plot-layer-stats.js'
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
