/**
 * Pictures and networks for them. This entry runs anywhere; on Node, sharp and files come on top.
 * @module
 */

export { type AddHeadOptions, addHead, type HeadInit } from './add-head.js'
export { type AugTransformsOptions, augTransforms } from './augment/aug-transforms.js'
export type { Given } from './augment/given.js'
export { grayscale } from './augment/grayscale.js'
export { hsv2rgb, rgb2hsv } from './augment/hsv.js'
export { type IntToFloatOptions, intToFloat } from './augment/int-to-float.js'
export { type LightingBatchOptions, type LightingTransform, lighting, relight } from './augment/lighting.js'
export {
  brightness,
  contrast,
  type HueOptions,
  hue,
  type LightingOptions,
  type LightingStep,
  saturation,
} from './augment/lighting-steps.js'
export {
  dihedralMatrix,
  flipMatrix,
  type Matrix,
  rotateMatrix,
  zoomMatrix,
} from './augment/matrix.js'
export { cifarStats, type ImageStats, imagenetStats, mnistStats, normalize } from './augment/normalize.js'
export { type PlaceOptions, placeImages } from './augment/place-images.js'
export { placeBoxes, placePoints } from './augment/place-points.js'
export { type RandomErasingOptions, randomErasing } from './augment/random-erasing.js'
export {
  type RandomResizedCropGpuOptions,
  randomResizedCropGpu,
} from './augment/random-resized-crop-gpu.js'
export { type AugTransform, setupAugTfms } from './augment/setup-aug-tfms.js'
export { type SpatialOptions, type SpatialTransform, spatial } from './augment/spatial.js'
export {
  dihedral,
  flip,
  type RotateOptions,
  rotate,
  type SpatialStep,
  type StepOptions,
  type WarpOptions,
  warp,
  type ZoomOptions,
  zoom,
} from './augment/spatial-steps.js'
export { unwarpMatrix, warpMatrix } from './augment/warp.js'
export { blockSplit } from './block-split.js'
export type { Color } from './blocks/mask-classes.js'
export { MaskCodes, type MaskCodesOptions, type MaskPrediction } from './blocks/mask-codes.js'
export { type Body, type BodyOptions, createBody, cutModel } from './body.js'
export {
  type BasicCriticOptions,
  basicCritic,
  type Critic,
  denseResBlock,
  type GANCriticOptions,
  ganCritic,
} from './gan/critics.js'
export { type GANFromLearnersOptions, GANLearner, type GANLearnerOptions } from './gan/gan-learner.js'
export {
  accuracyThreshExpand,
  adaptiveLoss,
  type CritLossFunc,
  type GANLoss,
  type GenLossFunc,
  ganLoss,
  ganLossFromFunc,
} from './gan/gan-loss.js'
export { GANModule } from './gan/gan-module.js'
export {
  adaptiveGANSwitcher,
  fixedGANSwitcher,
  ganDiscriminativeLR,
  type Turns,
} from './gan/gan-switchers.js'
export { GANTrainer, type GANTrainerOptions, ganTrainer } from './gan/gan-trainer.js'
export { AddChannels, type BasicGeneratorOptions, basicGenerator, type Generator } from './gan/generators.js'
export { generateNoise, type NoiseOptions, noiseBlock } from './gan/noise-block.js'
export { AddInput } from './generative/add-input.js'
export { type FeatureLoss, type FeatureLossOptions, featureLoss } from './generative/feature-loss.js'
export { FeatureNet, type FeatureNetOptions, featureNet } from './generative/feature-net.js'
export { gramMatrix } from './generative/gram-matrix.js'
export { type ImagePrediction, imageTarget } from './generative/image-target.js'
export type { NormalizedWith } from './generative/normalized-pictures.js'
export { type PictureMetricOptions, psnr } from './generative/psnr.js'
export { ssim } from './generative/ssim.js'
export { type StyleLoss, type StyleLossOptions, styleLoss } from './generative/style-loss.js'
export {
  type StyledPicture,
  type StyleTransferOptions,
  styleTransfer,
} from './generative/style-transfer.js'
export { type TransformNetOptions, transformNet } from './generative/transform-net.js'
export { createHead, type Head, type HeadOptions } from './head.js'
export { cropPad, randomCrop, ratioResize } from './image/crop-transforms.js'
export { dihedralItem, flipItem } from './image/flip-item.js'
export type { ImageStep, PadMode, Rect, Size, Turn } from './image/geometry.js'
export { type RandomResizedCropOptions, randomResizedCrop } from './image/random-resized-crop.js'
export { asRaster, type ImageKind, type ImageSource, RasterImage } from './image/raster-image.js'
export { type Filter, resizePixels } from './image/resample.js'
export type { ResampleOptions } from './image/resamples.js'
export { type ResizeOptions, resize } from './image/resize.js'
export type { SizeOption } from './image/size-option.js'
export { toTensor } from './image/to-tensor.js'
export {
  type Draws,
  type PartRange,
  randomPlace,
  randomRect,
  resizeRect,
  withMargin,
} from './image/windows.js'
export { cam } from './interpret/cam.js'
export { type ClassMap, ClassMaps } from './interpret/class-maps.js'
export { type GradCamOptions, gradCam, topLossMaps } from './interpret/grad-cam.js'
export type { MapOptions } from './interpret/look-inside.js'
export {
  type MaskError,
  type PixelScores,
  SegmentationInterpretation,
  type SegmentationOptions,
} from './interpret/segmentation-interpretation.js'
export { loadPretrained } from './load-pretrained.js'
export type { Activation } from './models/activation.js'
export { AlexNet, alexnet } from './models/alexnet.js'
export { ConvNeXt, convnextTiny } from './models/convnext.js'
export { DenseNet, densenet121, densenet161, densenet169, densenet201 } from './models/densenet.js'
export { EfficientNet, efficientnetB0 } from './models/efficientnet.js'
export { MobileNetV2, mobilenetV2 } from './models/mobilenet-v2.js'
export {
  archByName,
  type BodyAndHead,
  type Cut,
  defaultSplit,
  type ModelMeta,
  metaOf,
  modelMeta,
  registerArch,
} from './models/model-meta.js'
export {
  ResNet,
  resnet18,
  resnet34,
  resnet50,
  resnet101,
  resnet152,
  resnext50_32x4d,
  resnext101_32x8d,
  resnext101_64x4d,
  wideResnet50_2,
  wideResnet101_2,
} from './models/resnet.js'
export { SqueezeNet, squeezenet1_0, squeezenet1_1 } from './models/squeezenet.js'
export type { KeyMap } from './models/timm-names.js'
export { Vgg, vgg11Bn, vgg13Bn, vgg16Bn, vgg19Bn } from './models/vgg.js'
export { type Arch, type ArchOptions, arch, type VisionModel } from './models/vision-model.js'
export { withOptions } from './models/with-options.js'
export {
  type XResNetOptions,
  xResNet,
  xresnet18,
  xresnet18Deep,
  xresnet18Deeper,
  xresnet34,
  xresnet34Deep,
  xresnet34Deeper,
  xresnet50,
  xresnet50Deep,
  xresnet50Deeper,
  xresnet101,
  xresnet152,
  xresnext18,
  xresnext34,
  xresnext50,
  xresnext101,
  xsenet154,
  xseResnet18,
  xseResnet34,
  xseResnet50,
  xseResnet101,
  xseResnet152,
  xseResnext18,
  xseResnext18Deep,
  xseResnext18Deeper,
  xseResnext34,
  xseResnext34Deep,
  xseResnext34Deeper,
  xseResnext50,
  xseResnext50Deep,
  xseResnext50Deeper,
  xseResnext101,
} from './models/xresnet.js'
export { numFeatures } from './num-features.js'
export { type BbPadOptions, bbPad } from './points/bb-pad.js'
export { bboxBlock, bboxLblBlock } from './points/bbox-block.js'
export { BoxLabels } from './points/box-labels.js'
export type { PointsInput } from './points/marks.js'
export { pointBlock } from './points/point-block.js'
export { type PointScalerOptions, pointScaler, pointsToPixels } from './points/point-scaler.js'
export { PointSetup, type PointsPrediction } from './points/point-setup.js'
export type { SiamesePair } from './siamese/pair-pool.js'
export { SiameseImage, siameseGrid } from './siamese/siamese-image.js'
export { type SiameseOptions, SiameseTransform } from './siamese/siamese-transform.js'
export { type CreateUnetOptions, createUnetModel } from './unet/create-unet-model.js'
export { DynamicUnet, type UnetOptions } from './unet/dynamic-unet.js'
export { planUnet, type UnetPlan } from './unet/plan-unet.js'
export { ResizeToOrig } from './unet/resize-to-orig.js'
export { type DecoderOptions, UnetBlock, type UnetBlockOptions } from './unet/unet-block.js'
export { type UnetLearnerOptions, unetLearner } from './unet/unet-learner.js'
export { cnnLearner, type VisionLearnerOptions, visionLearner } from './vision-learner.js'
export { type CreateVisionModelOptions, createVisionModel, type GraftedModel } from './vision-model.js'
export { setWeightsLoader, type WeightsLike, type WeightsLoader, weightsOf } from './weights.js'
