/**
 * `@espalier/text` on Node.
 * @module
 */

export * from '../index.js'
export { type CsvOptions, type CsvRow, csvRows } from './csv-rows.js'
export {
  TextDataLoaders,
  type TextsFromCsvOptions,
  type TextsFromFolderOptions,
  type TextsFromRowsOptions,
} from './text-data-loaders.js'
export { type TokenizeCsvOptions, type TokenizedCsv, tokenizeCsv } from './tokenize-csv.js'
export {
  type TokenizeFilesOptions,
  type TokenizeOptions,
  tokenizeFiles,
  tokenizeFolder,
  tokenizeTexts,
} from './tokenize-texts.js'
