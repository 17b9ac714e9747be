import { readFile } from 'node:fs/promises'
import { EspalierError, reasonOf } from '@espalier/data'

/** How a table is written. */
export interface ReadCsvOptions {
  /** False where the first line is a row as well: columns are then numbered from 0. Default true. */
  readonly header?: boolean
  /** What lies between two cells. Default a comma. */
  readonly delimiter?: string
}

/** A row of texts, by the name or number of its column. */
export type CsvRow = Readonly<Record<string, string>>

/** Reads a table of texts from a file: commas, quotes and line ends as RFC 4180 has them. */
export async function readCsv(path: string, options: ReadCsvOptions = {}): Promise<CsvRow[]> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    throw new EspalierError('csv/unreadable', `cannot read '${path}': ${reasonOf(error)}`, {
      fix: 'say where the table lies: csvFname is relative to path',
      cause: error,
    })
  }
  return csvRows(text, options, path)
}

/** The rows of a table that was read. */
export function csvRows(
  text: string,
  { header = true, delimiter = ',' }: ReadCsvOptions = {},
  path = 'the table',
): CsvRow[] {
  const lines = linesOf(text.replace(/^\uFEFF/, ''), delimiter, path)
  const [first] = lines
  if (!first) throw new EspalierError('csv/empty', `${path} is empty`)
  const names = header ? first : first.map((_, i) => String(i))
  const rows = header ? lines.slice(1) : lines
  return rows.map((cells, i) => {
    if (cells.length === names.length) return Object.fromEntries(names.map((name, c) => [name, cells[c]!]))
    throw new EspalierError(
      'csv/row',
      `row ${i} of ${path} has ${cells.length} cells, there are ${names.length} columns`,
      {
        fix: `put cells that hold ${delimiter === ',' ? 'commas' : `'${delimiter}'`} in quotes, or say delimiter`,
      },
    )
  })
}

/** The cells of each line; empty lines are left out. */
function linesOf(text: string, delimiter: string, path: string): string[][] {
  const lines: string[][] = []
  let cells: string[] = []
  let at = 0
  while (at < text.length) {
    const { cell, next } = text[at] === '"' ? quoted(text, at, path) : plain(text, at, delimiter)
    cells.push(cell)
    at = next
    if (text.startsWith(delimiter, at)) {
      at += delimiter.length
      if (at < text.length) continue
      cells.push('')
    }
    if (cells.length > 1 || cells[0] !== '') lines.push(cells)
    cells = []
    at += text.startsWith('\r\n', at) ? 2 : 1
  }
  return lines
}

interface Read {
  readonly cell: string
  readonly next: number
}

function plain(text: string, at: number, delimiter: string): Read {
  let next = at
  while (next < text.length && !/[\r\n]/.test(text[next]!) && !text.startsWith(delimiter, next)) next++
  return { cell: text.slice(at, next), next }
}

/** A cell in quotes, which are written twice where they belong to it. */
function quoted(text: string, at: number, path: string): Read {
  const end = /"(?:""|[^"])*"/y
  end.lastIndex = at
  const found = end.exec(text)?.[0]
  if (found) return { cell: found.slice(1, -1).replaceAll('""', '"'), next: at + found.length }
  const line = text.slice(0, at).split('\n').length
  throw new EspalierError('csv/quote', `${path} has a quote in line ${line} that never ends`, {
    fix: 'write a quote within a cell twice',
  })
}
