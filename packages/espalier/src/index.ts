/**
 * All of Espalier in one import, with the native engine found by itself.
 * @module
 */
import './install.js'

export * from '@espalier/core'
export * from '@espalier/data'
export * from '@espalier/tabular'
export { type CsvOptions, normalize as normalizeColumns } from '@espalier/tabular'
export * from '@espalier/tabular/collab'
export type { CsvOptions as TextCsvOptions } from '@espalier/text'
export * from '@espalier/text'
export * from '@espalier/vision'
export { normalize } from '@espalier/vision'
export { loadLearner } from './load-learner.js'
