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
export { type ImageBlockOptions, imageBlock } from './image-block.js'
export { ImageDataLoaders, type ImageDataLoadersOptions, type LabelledImages } from './image-data-loaders.js'
export { loadLearner } from './load-learner.js'
export { type ImageInput, type OpenImageOptions, openImage } from './open-image.js'
