/**
 * `@espalier/vision` on Node: pictures from files, by sharp.
 * @module
 */
import './install.js'

export {
  type GetFilesOptions,
  getFiles,
  getImageFiles,
  imageExtensions,
} from '@espalier/data/node'
export * from '../index.js'
export { type CrappifyOptions, crappify, crappifyImages } from './crappify.js'
export { type ImageBlockOptions, imageBlock } from './image-block.js'
export { ImageDataLoaders, type ImageDataLoadersOptions, type LabelledImages } from './image-data-loaders.js'
export { loadLearner } from './load-learner.js'
export { type MaskBlockOptions, maskBlock } from './mask-block.js'
export { type ImageInput, type OpenImageOptions, openImage } from './open-image.js'
export { type OpenMaskOptions, openMask } from './open-mask.js'
export type { PairInput, PairReading } from './picture-of-pair.js'
export {
  type PredictedFile,
  type PredictedFolder,
  type PredictFolderOptions,
  predictFolder,
} from './predict-folder.js'
export { registerVisionParts } from './register-vision-parts.js'
export { saveImage } from './save-image.js'
export {
  type MaskedImages,
  SegmentationDataLoaders,
  type SegmentationDataLoadersOptions,
} from './segmentation-data-loaders.js'
export {
  openSiameseImage,
  type SiameseBlocks,
  type SiameseBlocksOptions,
  type SiamesePipelines,
  siameseBlocks,
  siamesePipelines,
} from './siamese-blocks.js'
