/**
 * The parts of `@espalier/data` that read folders.
 * @module
 */
import './install.js'

export { fileSplitter } from './file-splitter.js'
export { type GetFilesOptions, getFiles, getImageFiles, getTextFiles, imageExtensions } from './get-files.js'
export { ownModule } from './own-module.js'
