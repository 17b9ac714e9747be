import { EspalierError, type NdArray, ndArray, row, sizeOf, type TypedArray } from '@espalier/data'

/** The rows of several batches: one array, or a list where the rows of one batch are shaped unlike another's. */
export type Rows = NdArray | readonly NdArray[]

/** Joins batches along their first axis; row `i` of them all goes to place `places[i]`. */
export function joinRows(batches: readonly NdArray[], places: ArrayLike<number>): Rows {
  const [first] = batches
  const shape = first!.shape.slice(1)
  const alike = batches.every((b) => String(b.shape.slice(1)) === String(shape) && b.dtype === first!.dtype)
  if (!alike) {
    const list = new Array<NdArray>(places.length)
    for (const [i, one] of batches.flatMap(rowsOf).entries()) list[places[i]!] = one
    return list
  }
  const size = sizeOf(shape)
  const data = new (first!.data.constructor as new (n: number) => TypedArray)(places.length * size)
  let i = 0
  for (const b of batches) {
    for (let r = 0; r < b.shape[0]!; r++)
      data.set(b.data.subarray(r * size, (r + 1) * size), places[i++]! * size)
  }
  return ndArray(first!.dtype, [places.length, ...shape], data as never, first!.kind)
}

/** The rows as one array; throws where they differ in shape. */
export function wholeOf(rows: Rows, what: string): NdArray {
  if (!isList(rows)) return rows
  const shapes = [...new Set(rows.map((r) => `[${r.shape}]`))]
  throw new EspalierError(
    'preds/ragged',
    `${what} differ in shape from item to item: ${shapes.slice(0, 3).join(', ')}`,
    {
      fix: 'take them one by one from `rows` of the result, or a batch at a time with learn.predsOf()',
    },
  )
}

/** The rows one by one: views, where they are an array. */
export function listOf(rows: Rows): readonly NdArray[] {
  return isList(rows) ? rows : rowsOf(rows)
}

function rowsOf(array: NdArray): NdArray[] {
  return Array.from({ length: array.shape[0]! }, (_, i) => row(array, i))
}

function isList(rows: Rows): rows is readonly NdArray[] {
  return Array.isArray(rows)
}

/** For each position in a data set, its place once they are sorted; equal ones keep their order. */
export function placesOf(indices: readonly number[]): Int32Array {
  const order = Array.from(indices.keys()).sort((a, b) => indices[a]! - indices[b]!)
  const places = new Int32Array(indices.length)
  for (const [place, i] of order.entries()) places[i] = place
  return places
}
