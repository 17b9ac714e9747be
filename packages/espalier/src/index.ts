/**
 * All of Espalier in one import, with the native engine found by itself.
 * @module
 */
import './install.js'

export * from '@espalier/core'
export * from '@espalier/data'
export * from '@espalier/vision'
export { loadLearner } from '@espalier/vision'
