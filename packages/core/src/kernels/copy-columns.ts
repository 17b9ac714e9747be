import type { TypedArray } from '@espalier/data'

/** Where columns begin in a matrix that has `width` of them. */
interface Columns {
  readonly from: number
  readonly width: number
}

/** Copies `n` columns of a matrix to a place in another one. */
export function copyColumns(x: TypedArray, of: Columns, to: TypedArray, at: Columns, n: number): void {
  for (let i = of.from, j = at.from; j < to.length; i += of.width, j += at.width)
    for (let k = 0; k < n; k++) to[j + k] = x[i + k]!
}
