/**
 * The parts of `@espalier/data` that read folders.
 * @module
 */
export { type GetFilesOptions, getFiles, getImageFiles, imageExtensions } from './get-files.js'
