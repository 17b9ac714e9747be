import { checkOptions, EspalierError } from '@espalier/data'
import type { Frame } from './frame.js'
import { textOf } from './table-of.js'

/** How a frame is written as text. */
export interface ToCsvOptions {
  /** What lies between two cells. Default a comma. */
  readonly delimiter?: string
  /** What stands for a missing cell. Default nothing. */
  readonly na?: string
  /** False leaves texts as they are that spreadsheets take for formulas. Default true: a `'` before them. */
  readonly escapeFormulas?: boolean
}

/**
 * A frame as text (RFC 4180). A text that begins as a formula does, with `=`, `+`, `-`, `@` or a tab, gets a `'` before
 * it: whoever opens the file in a spreadsheet runs nothing.
 */
export function toCsv(frame: Frame, options: ToCsvOptions = {}): string {
  checkOptions('toCsv', options, ['delimiter', 'na', 'escapeFormulas'])
  const { delimiter = ',', na = '', escapeFormulas = true } = options
  if (delimiter.length !== 1 || /["\r\n]/.test(delimiter)) {
    throw new EspalierError('csv/delimiter', `toCsv: the delimiter must be one character, got '${delimiter}'`)
  }
  const special = new RegExp(
    `["\\r\\n${delimiter === ']' || delimiter === '^' || delimiter === '\\' ? `\\${delimiter}` : delimiter}]`,
  )
  const quoted = (text: string) => (special.test(text) ? `"${text.replaceAll('"', '""')}"` : text)
  const safe = (text: string) => quoted(escapeFormulas && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text)
  const columns = frame.names.map((name) => {
    const column = frame.column(name)
    // A vocabulary is escaped once, not in each row.
    const words = column.vocab.map(safe)
    return (i: number) => {
      if (column.isMissing(i)) return na
      return column.kind === 'text' ? words[column.data[i]!]! : quoted(textOf(column.at(i)))
    }
  })
  const lines = [frame.names.map(safe).join(delimiter)]
  for (let i = 0; i < frame.length; i++) lines.push(columns.map((cell) => cell(i)).join(delimiter))
  return `${lines.join('\n')}\n`
}
