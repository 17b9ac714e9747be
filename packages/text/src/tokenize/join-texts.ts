import { describe, EspalierError } from '@espalier/data'
import { FLD } from './special-tokens.js'

/** A column by its name; a number counts the columns of the first row where rows are objects. */
export function columnOf(rows: readonly object[], col: string | number): string | number {
  const [row] = rows
  if (typeof col === 'string' || !row || Array.isArray(row) || col in row) return col
  return Object.keys(row)[col] ?? col
}

/** The texts of a row's columns in one, each behind `xxfld` and its number where they are marked. */
export function joinTexts(
  cols: readonly (string | number)[],
  mark = cols.length > 1,
): (row: object) => string {
  return (row) =>
    cols
      .map(
        (col, i) => (mark ? `${FLD} ${i + 1} ` : '') + textIn(row as Readonly<Record<string, unknown>>, col),
      )
      .join(' ')
}

function textIn(row: Readonly<Record<string, unknown>>, col: string | number): string {
  if (typeof row !== 'object' || row === null) {
    throw new EspalierError(
      'text/row',
      `expected a row with a text in column '${col}', got ${describe(row)}`,
      {
        fix: `give the text itself, or { ${col}: 'I loved it' }`,
      },
    )
  }
  const text = row[col]
  if (typeof text === 'string') return text
  if (typeof text === 'number' || typeof text === 'boolean') return String(text)
  throw new EspalierError('text/column', `the text in column '${col}' is ${describe(text)}`, {
    fix:
      text === undefined
        ? `the columns are ${Object.keys(row).join(', ')}: say textCol`
        : 'give every row a text, if an empty one',
  })
}
