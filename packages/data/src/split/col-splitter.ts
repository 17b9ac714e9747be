import { describe } from '../describe.js'
import { EspalierError } from '../errors.js'
import { type RowWith, readColumn } from '../label/column.js'
import { type Splitter, splitAt } from './splitter.js'

/**
 * Validates on the rows whose column is true, or holds one of the values `on` (fastai's `ColSplitter`). Without `on`
 * the column must hold booleans, 0 and 1, or their names: of other texts nobody knows which of them are true.
 *
 * @example
 * colSplitter()             // rows with is_valid: true, 1 or 'True'
 * colSplitter('part', ['valid', 'test'])
 */
export function colSplitter<const C extends string | number = 'is_valid', V = unknown>(
  col: C = 'is_valid' as C,
  on?: V | readonly V[],
): Splitter<RowWith<C>> {
  const values = on === undefined ? undefined : new Set<unknown>([on].flat())
  const held = (value: unknown, i: number) => (values ? values.has(value) : isTrue(value, col, i))
  return (rows) => {
    const valid = rows.flatMap((row, i) => (held(readColumn('colSplitter', row, col), i) ? [i] : []))
    if (values && valid.length === 0 && rows.length > 0) throw noneOf(values, col, rows)
    return splitAt(rows.length, valid)
  }
}

const truths: ReadonlyMap<unknown, boolean> = new Map<unknown, boolean>([
  ...([true, 1, '1', 'true'] as const).map((v) => [v, true] as const),
  ...([false, 0, '0', 'false', ''] as const).map((v) => [v, false] as const),
])

function isTrue(value: unknown, col: string | number, i: number): boolean {
  const truth = truths.get(typeof value === 'string' ? value.trim().toLowerCase() : value)
  if (truth !== undefined) return truth
  throw new EspalierError(
    'split/column',
    `colSplitter: column ${quoted(col)} holds ${describe(value)} in row ${i}, which is neither true nor false`,
    { fix: `say which values validate: colSplitter(${quoted(col)}, 'valid')` },
  )
}

function noneOf<C extends string | number>(
  values: ReadonlySet<unknown>,
  col: C,
  rows: readonly RowWith<C>[],
): EspalierError {
  const there = [...new Set(rows.slice(0, 1000).map((row) => readColumn('colSplitter', row, col)))]
  const some = (all: Iterable<unknown>) =>
    [...all]
      .slice(0, 5)
      .map((v) => describe(v))
      .join(', ')
  return new EspalierError(
    'split/column',
    `colSplitter: no row holds ${some(values)} in column ${quoted(col)}`,
    { fix: `the first rows hold ${some(there)}; a number and its text are not the same` },
  )
}

function quoted(col: string | number): string {
  return typeof col === 'number' ? String(col) : `'${col}'`
}
