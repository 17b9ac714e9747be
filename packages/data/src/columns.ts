import type { AnyBlock, Block } from './blocks/block.js'
import { describe } from './describe.js'
import { EspalierError } from './errors.js'
import type { NdArray } from './nd-array.js'

type Raw<B> = B extends Block<infer R, NdArray | readonly NdArray[], unknown, unknown> ? R : never

/** A column for each block, of what it is read from. */
export type ColumnsOf<Bs extends readonly AnyBlock[]> = { readonly [K in keyof Bs]: readonly Raw<Bs[K]>[] }
/** What the columns hold at one place. */
export type RowOf<Bs extends readonly AnyBlock[]> = { readonly [K in keyof Bs]: Raw<Bs[K]> }

/** Columns as rows; throws where they are not `n`, or not of one length. */
export function rowsOf<Bs extends readonly AnyBlock[]>(columns: ColumnsOf<Bs>, n: number): RowOf<Bs>[] {
  const lists = columns as readonly (readonly unknown[])[]
  const isList = Array.isArray(lists) && lists.every(Array.isArray)
  if (!isList || lists.length !== n) {
    throw new EspalierError(
      'block/columns',
      `${n} blocks need ${n} columns, got ${isList ? lists.length : describe(columns)}`,
      { fix: 'give a list of columns, one for each block: [files, labels]' },
    )
  }
  const length = lists[0]?.length ?? 0
  const odd = lists.findIndex((column) => column.length !== length)
  if (odd >= 0) {
    throw new EspalierError(
      'block/columns',
      `column ${odd} has ${lists[odd]!.length} values, column 0 has ${length}`,
      { fix: 'give a value for every item in every column' },
    )
  }
  return Array.from({ length }, (_, i) => lists.map((column) => column[i]) as unknown as RowOf<Bs>)
}
