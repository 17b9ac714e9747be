import type { Frame } from '../frame/frame.js'
import type { CsvOptions } from './csv-options.js'
import { openFile } from './open-file.js'
import { parseCsv } from './parse-csv.js'

/**
 * Reads a table of text from a file, piece by piece; one that ends in `.gz` is unpacked. In a browser the path is an
 * address.
 *
 * @example
 * const frame = await readCsv('adult.csv.gz', { naValues: ['', '?'] })
 */
export function readCsv(path: string, options: CsvOptions = {}): Promise<Frame> {
  return parseCsv(openFile(path), { name: `'${path}'`, ...options })
}
