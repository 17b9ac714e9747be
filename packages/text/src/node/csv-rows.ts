import { createReadStream } from 'node:fs'
import { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { EspalierError, reasonOf } from '@espalier/data'
import { CsvError, parse } from 'csv-parse'

/** How a table is written. */
export interface CsvOptions {
  /** False where the first line is a row as well: columns are then numbered from 0. Default true. */
  readonly header?: boolean
  /** What lies between two cells. Default a comma. */
  readonly delimiter?: string
  /** Any that `TextDecoder` knows. Default UTF-8. */
  readonly encoding?: string
}

/** A row of texts, by the name or number of its column. */
export type CsvRow = Readonly<Record<string, string>>

/** The rows of a table in a file, one after the other; a file that ends in `.gz` is unpacked. */
export async function* csvRows(path: string, options: CsvOptions = {}): AsyncGenerator<CsvRow> {
  const { header = true, delimiter = ',', encoding = 'utf-8' } = options
  const columns = header ? true : (first: readonly string[]) => first.map((_, i) => String(i))
  const parser = parse({ columns, delimiter, bom: true, skip_empty_lines: true })
  const text = Readable.from(decoded(path, encoding))
  text.on('error', (error) => parser.destroy(error))
  try {
    yield* text.pipe(parser) as AsyncIterable<CsvRow>
  } catch (error) {
    if (error instanceof EspalierError) throw error
    const badRow = error instanceof CsvError
    throw new EspalierError(badRow ? 'csv/row' : 'csv/unreadable', `reading '${path}': ${reasonOf(error)}`, {
      fix: badRow
        ? `put cells that hold ${delimiter === ',' ? 'commas' : `'${delimiter}'`} in quotes, or say delimiter`
        : 'say where the table lies: csvFname is relative to path',
      cause: error,
    })
  }
}

async function* decoded(path: string, encoding: string): AsyncGenerator<string> {
  const decoder = new TextDecoder(encoding, { fatal: true })
  try {
    for await (const part of bytesOf(path)) yield decoder.decode(part, { stream: true })
    yield decoder.decode()
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    throw new EspalierError('text/encoding', `'${path}' is no text in ${encoding}`, {
      fix: "convert the file to UTF-8, or say what it is: encoding: 'latin1'",
      cause: error,
    })
  }
}

function bytesOf(path: string): AsyncIterable<Uint8Array> {
  const file = createReadStream(path)
  if (!path.toLowerCase().endsWith('.gz')) return file
  const unpacked = createGunzip()
  file.on('error', (error) => unpacked.destroy(error))
  return file.pipe(unpacked)
}
