import { inBackground } from '../native/in-background.js'
import type { Pointer } from '../native/library.js'
import { Scratch } from '../native/memory.js'
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

/** Has a small product made in another thread: before its first one oneDNN writes code for all of them (30 ms). */
export async function warmUpProducts(dnn: OneDnn): Promise<void> {
  const size = 2 // A single number is multiplied without that code.
  using memory = new Scratch()
  const at = memory.reserve(size * size * Float32Array.BYTES_PER_ELEMENT)
  await inBackground(dnn.api.sgemm, no, no, size, size, size, 1, at, size, at, size, 0, at, size)
}

/** One column of a matrix, as a matrix. */
export function columnOf({ at, stride, transposed = false }: Matrix, column: number): Matrix {
  const elements = transposed ? column * stride : column
  return { at: at + BigInt(elements * Float32Array.BYTES_PER_ELEMENT), stride, transposed }
}
