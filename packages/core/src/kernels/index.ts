/**
 * The kernel contracts: what an engine may provide in a form of its own, each with a composed form that runs on
 * any engine, and its gradient.
 * @module
 */
export {
  type HostAccess,
  type HostDType,
  hostAccumulate,
  hostCompute,
  hostDecision,
  readHost,
  registerHostAccess,
} from '../engine/host.js'
export {
  composedForm,
  defineKernel,
  installKernels,
  type Kernel,
  type KernelContract,
} from '../engine/kernel.js'
export {
  Diverged,
  isRecording,
  type RecordedMemory,
  registerRecording,
  repeat,
  unrepeatable,
  type Work,
} from '../engine/recording.js'
export { addRow } from './add-row.js'
export { affineGrid, perspectiveGrid } from './affine-grid.js'
export {
  type BatchNormAttrs,
  batchNormEval,
  batchNormGradKernel,
  batchNormKernel,
  batchNormTrain,
} from './batch-norm.js'
export { type ConvTranspose2dOptions, convTranspose2d } from './conv-transpose2d.js'
export {
  type Conv2dOptions,
  type ConvAttrs,
  type ConvFilterGradAttrs,
  type ConvInputGradAttrs,
  conv2d,
  convFilterGradKernel,
  convInputGradKernel,
  convKernel,
  convOutputSize,
  type Pair,
} from './conv2d.js'
export { crossEntropyKernel, sparseCrossEntropy } from './cross-entropy.js'
export {
  type DotBiasAttrs,
  type DotBiasTables,
  dotBias,
  dotBiasGradKernel,
  dotBiasKernel,
} from './dot-bias.js'
export { type DropoutAttrs, type DropoutInputs, dropoutKernel } from './dropout.js'
export { type DroppedEmbeddingAttrs, droppedEmbeddingKernel, embedDropped } from './dropped-embedding.js'
export { einsum } from './einsum.js'
export {
  type EmbedColumnsAttrs,
  embedColumns,
  embedColumnsGradKernel,
  embedColumnsKernel,
} from './embed-columns.js'
export { embed, embeddingKernel, type SegmentSumAttrs, segmentSum, segmentSumKernel } from './embedding.js'
export { gelu, geluKernel } from './gelu.js'
export {
  type GridSampleAttrs,
  type GridSampleOptions,
  gridSample,
  gridSampleGradKernel,
  gridSampleKernel,
} from './grid-sample.js'
export { type JoinColumnsAttrs, joinColumns, joinColumnsKernel, splitColumnsKernel } from './join-columns.js'
export { layerNorm, layerNormKernel } from './layer-norm.js'
export { linear, linearKernel } from './linear.js'
export {
  type LstmAttrs,
  type LstmGradInputs,
  type LstmInputs,
  type LstmState,
  type LstmWeights,
  lstm,
  lstmGradKernel,
  lstmKernel,
} from './lstm.js'
export { type MeanAttrs, meanKernel, meanOf } from './mean.js'
export { mish, mishKernel } from './mish.js'
export { pixelShuffle } from './pixel-shuffle.js'
export {
  adaptiveAvgPool2d,
  adaptiveMaxPool2d,
  avgPool2d,
  avgPoolGradKernel,
  avgPoolKernel,
  maxPool2d,
  maxPoolGradKernel,
  maxPoolKernel,
  type Pool2dOptions,
  type PoolAttrs,
  poolOutputSize,
} from './pool2d.js'
export { type ReluAttrs, relu, relu6, reluGradKernel, reluKernel } from './relu.js'
export { type ResizeAttrs, resizeBilinear, resizeGradKernel, resizeKernel, resizeNearest } from './resize.js'
export { updateRunningAverage } from './running-average.js'
export {
  type SigmoidRangeAttrs,
  sigmoidRange,
  sigmoidRangeGradKernel,
  sigmoidRangeKernel,
} from './sigmoid-range.js'
export {
  squaredDifference,
  squaredDifferenceGradKernel,
  squaredDifferenceKernel,
} from './squared-difference.js'
export { swish, swishKernel } from './swish.js'
export {
  type AdamAttrs,
  adamStep,
  composedUpdates,
  registerUpdateKernels,
  type SgdAttrs,
  type UpdateKernels,
  updateKernels,
} from './update.js'
