import { checkOptions } from '../check-options.js'
import { describe } from '../describe.js'
import { EspalierError } from '../errors.js'
import { type ColumnGetter, type RowWith, readColumn, type ValueIn } from './column.js'

/** What a {@link colReader} makes of the values it reads. */
export interface ColReaderOptions {
  /** Is put before each value, such as a folder: `'images/'`. */
  readonly pref?: string
  /** Is put behind each value, such as an ending: `'.jpg'`. */
  readonly suff?: string
  /** Takes each value apart into a list; of an empty text it is the empty list. */
  readonly labelDelim?: string
}

/** Reads one column as the options say: lists of texts, texts between prefix and suffix, or what it holds. */
export type ColReader<C extends string | number, O extends ColReaderOptions> = O extends {
  readonly labelDelim: string
}
  ? (row: RowWith<C, string>) => string[]
  : O extends { readonly pref: string } | { readonly suff: string }
    ? (row: RowWith<C, string | number | boolean>) => string
    : ColumnGetter<C>

/** Reads several columns as a list. */
export type ColsReader<C extends string | number, O extends ColReaderOptions> = O extends {
  readonly labelDelim: string
}
  ? (row: RowWith<C, string>) => string[][]
  : O extends { readonly pref: string } | { readonly suff: string }
    ? (row: RowWith<C, string | number | boolean>) => string[]
    : <Row extends RowWith<C>>(row: Row) => ValueIn<Row, C>[]

/**
 * Reads a column of a row, or several as a list (fastai's `ColReader`). A row is an object with a key for each column,
 * or a list.
 *
 * @example
 * colReader('name', { pref: 'images/', suff: '.jpg' })({ name: 'cat' }) // 'images/cat.jpg'
 * colReader('tags', { labelDelim: ' ' })({ tags: 'day sea' })           // ['day', 'sea']
 */
export function colReader<
  const C extends string | number,
  const O extends ColReaderOptions = Record<never, never>,
>(cols: C, options?: O): ColReader<C, O>
export function colReader<
  const C extends string | number,
  const O extends ColReaderOptions = Record<never, never>,
>(cols: readonly C[], options?: O): ColsReader<C, O>
export function colReader(
  cols: string | number | readonly (string | number)[],
  options: ColReaderOptions = {},
): unknown {
  checkOptions('colReader', options, ['pref', 'suff', 'labelDelim'])
  checkCols(cols)
  const one = (row: unknown, col: string | number) => madeOf(readColumn('colReader', row, col), col, options)
  return Array.isArray(cols)
    ? (row: unknown) => cols.map((col) => one(row, col))
    : (row: unknown) => one(row, cols as string | number)
}

function madeOf(value: unknown, col: string | number, { pref, suff, labelDelim }: ColReaderOptions): unknown {
  if (labelDelim !== undefined) {
    if (typeof value === 'string') return value === '' ? [] : value.split(labelDelim)
    throw new EspalierError(
      'label/column',
      `colReader: column '${col}' holds ${describe(value)}, which cannot be taken apart at '${labelDelim}'`,
      { fix: 'read texts, or leave out labelDelim where the column holds lists' },
    )
  }
  if (pref === undefined && suff === undefined) return value
  if (['string', 'number', 'boolean'].includes(typeof value)) return `${pref ?? ''}${value}${suff ?? ''}`
  throw new EspalierError(
    'label/column',
    `colReader: column '${col}' holds ${describe(value)}, not a text to put between pref and suff`,
    { fix: 'leave out rows without a value' },
  )
}

function checkCols(cols: unknown): void {
  const isCol = (c: unknown) => typeof c === 'string' || (Number.isInteger(c) && Number(c) >= 0)
  if (Array.isArray(cols) ? cols.length > 0 && cols.every(isCol) : isCol(cols)) return
  throw new EspalierError(
    'label/column',
    `colReader: a column is a name or a place, or a list of them, got ${describe(cols)}`,
    { fix: "say colReader('label') or colReader(1)" },
  )
}
