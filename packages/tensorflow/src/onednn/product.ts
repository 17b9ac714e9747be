import type { Pointer } from '../native/library.js'
import type { OneDnn } from './one-dnn.js'

/** A matrix of floats: where it lies, how far apart its rows are, and whether its transpose is meant. */
export interface Matrix {
  readonly at: Pointer
  readonly stride: number
  readonly transposed?: boolean
}

const [yes, no] = ['T', 'N'].map((letter) => letter.charCodeAt(0)) as [number, number]
const letter = ({ transposed }: Matrix) => (transposed ? yes : no)

/** a · b → y of `rows` and `columns`, by as many threads as are set. */
export function multiply(
  dnn: OneDnn,
  a: Matrix,
  b: Matrix,
  y: Matrix,
  [rows, columns, inner]: readonly [rows: number, columns: number, inner: number],
): void {
  const [ta, tb] = [letter(a), letter(b)]
  const { sgemm } = dnn.api
  const status = sgemm(ta, tb, rows, columns, inner, 1, a.at, a.stride, b.at, b.stride, 0, y.at, y.stride)
  dnn.check('a product of matrices', status)
}

/** One column of a matrix, as a matrix. */
export function columnOf({ at, stride, transposed = false }: Matrix, column: number): Matrix {
  const elements = transposed ? column * stride : column
  return { at: at + BigInt(elements * Float32Array.BYTES_PER_ELEMENT), stride, transposed }
}
