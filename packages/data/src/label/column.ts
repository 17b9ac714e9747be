import { nearest } from '../check-options.js'
import { describe } from '../describe.js'
import { EspalierError, listed } from '../errors.js'

/** A row that has a column: an object with that key, or a list with that place. */
export type RowWith<C extends string | number, V = unknown> =
  | { readonly [K in C]: V }
  | (C extends number ? readonly V[] : never)

/** What a row holds in a column. */
export type ValueIn<Row, C extends string | number> = Row extends { readonly [K in C]: infer V }
  ? V
  : Row extends readonly (infer V)[]
    ? V
    : never

/** Reads a column of any row that has it. */
export type ColumnGetter<C extends string | number> = <Row extends RowWith<C>>(row: Row) => ValueIn<Row, C>

/** The value of a row in a column; throws, with the columns that there are, where it has none. */
export function readColumn(reader: string, row: unknown, col: string | number): unknown {
  const cells = (row ?? {}) as Readonly<Record<string | number, unknown>>
  if (typeof row === 'object' && row !== null && col in row && cells[col] !== undefined) return cells[col]
  if (typeof row !== 'object' || row === null) {
    throw new EspalierError('label/row', `${reader} reads columns of rows, got ${describe(row)}`, {
      fix: 'give a list of rows: objects with a key for each column, or lists',
    })
  }
  const columns = Object.keys(row)
  const near = nearest(String(col), columns)
  throw new EspalierError('label/column', `${reader}: the row ${describe(row)} has no column '${col}'`, {
    fix: near ? `did you mean '${near}'?` : `it has ${listed(columns, 10) || 'none'}`,
  })
}
