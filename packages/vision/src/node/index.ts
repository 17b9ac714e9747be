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
export * from '../index.js'
export { type ImageBlockOptions, imageBlock } from './image-block.js'
export { type ImageInput, type OpenImageOptions, openImage } from './open-image.js'
