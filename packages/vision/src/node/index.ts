/**
 * `@espalier/vision` on Node: pictures from files, by sharp.
 * @module
 */
export {
  type GetFilesOptions,
  getFiles,
  getImageFiles,
  imageExtensions,
} from '@espalier/data/node'

import { setWeightsLoader } from '../weights.js'
import { loadWeights } from './weights-loader.js'

setWeightsLoader(loadWeights)

export * from '../index.js'
export { type ImageBlockOptions, imageBlock } from './image-block.js'
export { ImageDataLoaders, type ImageDataLoadersOptions, type LabelledImages } from './image-data-loaders.js'
export { loadLearner } from './load-learner.js'
export { type ImageInput, type OpenImageOptions, openImage } from './open-image.js'
