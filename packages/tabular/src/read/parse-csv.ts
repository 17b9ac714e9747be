import { describe, EspalierError, listed } from '@espalier/data'
import { Frame } from '../frame/frame.js'
import { missingColumn } from '../frame/missing-column.js'
import { ColumnReader } from './column-reader.js'
import { type CsvOptions, type CsvPlan, csvPlan } from './csv-options.js'
import { CsvScanner } from './csv-scanner.js'

/** What a table of text comes as: the text, its bytes (UTF-8), or pieces of them. */
export type CsvSource = string | Uint8Array | AsyncIterable<Uint8Array> | Iterable<Uint8Array>

/**
 * Reads a table of text into a frame, piece by piece: what a column holds is told from its first rows.
 *
 * @example
 * const frame = await parseCsv('age,job\n39,clerk\n,cook')
 * frame.column('age').at(1) // null
 */
export async function parseCsv(source: CsvSource, options: CsvOptions = {}): Promise<Frame> {
  const reading = new CsvReading(csvPlan(options))
  for await (const piece of piecesOf(source)) {
    reading.push(piece)
    if (reading.done) break
  }
  return reading.frame()
}

/** A table that is being read. */
class CsvReading {
  readonly #scanner: CsvScanner
  /** The cells of the first line, until there are columns. */
  #header: string[] = []
  #readers: (ColumnReader | undefined)[] | undefined
  #rows = 0
  #begun = false

  constructor(readonly plan: CsvPlan) {
    const decoder = new TextDecoder('utf-8')
    this.#scanner = new CsvScanner(
      plan,
      (column, bytes, start, end) => {
        if (!this.#readers) {
          if (column >= plan.maxColumns) throw tooManyColumns(plan)
          this.#header.push(decoder.decode(bytes.subarray(start, end)))
        } else if (column < this.#readers.length) this.#readers[column]?.add(bytes, start, end)
      },
      (cells) => this.#line(cells),
      (column) =>
        this.#readers
          ? `row ${this.#rows}, column '${this.#header[column] ?? column}'`
          : `the first line, column ${column}`,
    )
  }

  get done(): boolean {
    return this.#scanner.stopped
  }

  push(piece: Uint8Array): void {
    if (piece.length === 0) return
    const begun = this.#begun
    this.#begun = true
    if (!begun && ((piece[0] === 0xff && piece[1] === 0xfe) || (piece[0] === 0xfe && piece[1] === 0xff))) {
      throw new EspalierError('csv/encoding', `${this.plan.name} is written in UTF-16`, {
        fix: 'save it as UTF-8',
      })
    }
    const bom = !begun && piece[0] === 0xef && piece[1] === 0xbb && piece[2] === 0xbf
    this.#scanner.push(bom ? piece.subarray(3) : piece)
  }

  frame(): Frame {
    if (!this.done) this.#scanner.end()
    if (!this.#readers) throw new EspalierError('csv/empty', `${this.plan.name} is empty`)
    const columns = this.#readers.flatMap((reader) =>
      reader ? [[reader.name, reader.finish()] as const] : [],
    )
    return new Frame(new Map(columns))
  }

  #line(cells: number): boolean {
    const { plan } = this
    if (!this.#readers) {
      const { header } = plan
      const first = this.#header
      if (Array.isArray(header)) this.#header = [...header]
      else if (header === false) this.#header = first.map((_, i) => String(i))
      this.#readers = this.#columns(this.#header)
      if (header === true) return plan.nRows > 0
      if (first.length !== this.#header.length) throw this.#ragged(first.length)
      const encoder = new TextEncoder()
      for (const [i, text] of first.entries()) {
        const bytes = encoder.encode(text)
        this.#readers[i]?.add(bytes, 0, bytes.length)
      }
    } else if (cells !== this.#readers.length) throw this.#ragged(cells)
    return ++this.#rows < plan.nRows
  }

  #columns(names: readonly string[]): (ColumnReader | undefined)[] {
    const { plan } = this
    const places = new Map<string, number>()
    for (const [i, name] of names.entries()) {
      const before = places.get(name)
      if (before !== undefined) {
        throw new EspalierError('csv/header', `${plan.name} has two columns '${name}': ${before} and ${i}`, {
          fix: 'give each column a name of its own, or name them: header: [ … ]',
        })
      }
      places.set(name, i)
    }
    const said = [...(plan.columns ?? []), ...Object.keys(plan.types), ...Object.keys(plan.dates)]
    for (const name of said) if (!places.has(name)) throw missingColumn(name, names, plan.name)
    return names.map((name) =>
      !plan.columns || plan.columns.includes(name) ? new ColumnReader(name, plan) : undefined,
    )
  }

  #ragged(cells: number): EspalierError {
    const names = this.#header
    const { delimiter, name } = this.plan
    const where =
      cells < names.length
        ? `there is none for column '${names[cells]}'`
        : `the last column is '${names.at(-1)}'`
    return new EspalierError(
      'csv/row',
      `row ${this.#rows} of ${name} has ${cells} cells, there are ${names.length} columns: ${where}`,
      {
        fix: `put cells that hold ${delimiter === ',' ? 'commas' : `'${delimiter}'`} in quotes, or say delimiter`,
      },
    )
  }
}

function tooManyColumns({ name, maxColumns, delimiter }: CsvPlan): EspalierError {
  return new EspalierError(
    'csv/columns',
    `the first line of ${name} has more than ${maxColumns} columns at '${delimiter}'`,
    {
      fix: 'check the delimiter and the ends of lines; for so many columns say maxColumns',
    },
  )
}

async function* piecesOf(source: CsvSource): AsyncGenerator<Uint8Array> {
  if (typeof source === 'string') yield new TextEncoder().encode(source)
  else if (source instanceof Uint8Array) yield source
  else if (
    typeof source === 'object' &&
    source !== null &&
    (Symbol.asyncIterator in source || Symbol.iterator in source)
  ) {
    for await (const piece of source) {
      if (piece instanceof Uint8Array) yield piece
      else
        throw new EspalierError('csv/source', `a piece of the table is ${describe(piece)}, not bytes`, {
          fix: 'give bytes: Uint8Array',
        })
    }
  } else {
    throw new EspalierError(
      'csv/source',
      `a table is read from ${listed(['text', 'bytes', 'pieces of bytes'])}, got ${describe(source)}`,
    )
  }
}
