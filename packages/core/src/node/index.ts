/**
 * `@espalier/core` on Node: the neutral entry, Node's platform installed, and what works on files.
 * @module
 */
import './install.js'

export * from '../index.js'
export { readWeightsFile } from './io/read-weights-file.js'
export { type ResolveWeightsOptions, resolveWeights } from './io/resolve-weights.js'
export { nodePlatform } from './platform.js'
export { checkFonts, type MachineCheck } from './report/check-fonts.js'
export { consoleReporter } from './report/console-reporter.js'
export { type TerminalReporterOptions, terminalReporter } from './report/terminal-reporter.js'
