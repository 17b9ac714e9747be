/**
 * Pictures and networks for them. This entry runs anywhere; on Node, sharp and files come on top.
 * @module
 */
export { type IntToFloatOptions, intToFloat } from './augment/int-to-float.js'
export { applySteps } from './image/apply-steps.js'
export { cropPad, randomCrop, ratioResize } from './image/crop-transforms.js'
export { dihedralItem, flipItem } from './image/flip-item.js'
export type { PadMode, Rect, Size, Step, Turn } from './image/geometry.js'
export { type RandomResizedCropOptions, randomResizedCrop } from './image/random-resized-crop.js'
export { asRaster, type ImageKind, type ImageSource, RasterImage } from './image/raster-image.js'
export { type Filter, resizePixels } from './image/resample.js'
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
