import { checkOptions } from '../check-options.js'
import { describe } from '../describe.js'
import { EspalierError } from '../errors.js'
import { type RowWith, readColumn } from './column.js'

/** What a {@link colReader} makes of the values it reads. */
export interface ColReaderOptions {
  /** Is put before each value, such as a folder: `'images/'`. */
  readonly pref?: string
  /** Is put behind each value, such as an ending: `'.jpg'`. */
  readonly suff?: string
  /** Takes each value apart into a list; of an empty text it is the empty list. */
  readonly labelDelim?: string
}

/** What one value is read as: as it is, as a text between prefix and suffix, as a list of texts. */
type ReadAs<O extends ColReaderOptions, V> = O['labelDelim'] extends string
  ? string[]
  : O extends { readonly pref: string } | { readonly suff: string }
    ? string
    : V
/** What a column must hold for that. */
type HeldFor<O extends ColReaderOptions, V> = O['labelDelim'] extends string
  ? string
  : O extends { readonly pref: string } | { readonly suff: string }
    ? string | number | boolean
    : V

/**
 * Reads a column of a row, or several as a list (fastai's `ColReader`). A row is an object with a key for each column,
 * or a list.
 *
 * @example
 * colReader('name', { pref: 'images/', suff: '.jpg' })({ name: 'cat' }) // 'images/cat.jpg'
 * colReader('tags', { labelDelim: ' ' })({ tags: 'day sea' })           // ['day', 'sea']
 */
export function colReader<V, const C extends string | number = string | number, const O extends ColReaderOptions = {}>(
  cols: C,
  options?: O,
): (row: RowWith<C, HeldFor<O, V>>) => ReadAs<O, V>
export function colReader<V, const C extends string | number = string | number, const O extends ColReaderOptions = {}>(
  cols: readonly C[],
  options?: O,
): (row: RowWith<C, HeldFor<O, V>>) => ReadAs<O, V>[]
export function colReader(
  cols: string | number | readonly (string | number)[],
  options: ColReaderOptions = {},
): (row: never) => unknown {
  checkOptions('colReader', options, ['pref', 'suff', 'labelDelim'])
  checkCols(cols)
  const one = (row: unknown, col: string | number) => madeOf(readColumn('colReader', row, col), col, options)
  return Array.isArray(cols)
    ? (row) => cols.map((col) => one(row, col))
    : (row) => one(row, cols as string | number)
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
