import { type Dataset, EspalierError, type NdArray, ndArray, sizeOf, type TypedArray } from '@espalier/data'
import type { Halves } from '../procs/tabular-procs.js'

/** Rows as the model takes them, those of a part of them by their positions. */
export class TableDataset implements Dataset {
  constructor(
    /** Codes and numbers, those that there are, and targets: `[n, …]` each. */
    readonly arrays: readonly NdArray[],
    readonly positions: Int32Array,
  ) {}

  get length(): number {
    return this.positions.length
  }

  /** How many numbers a row has. */
  get width(): number {
    return this.arrays.reduce((sum, { shape }) => sum + sizeOf(shape.slice(1)), 0)
  }

  /** The position in the frame of a row of this part. */
  position(index: number): number {
    const position = this.positions[index]
    if (position !== undefined) return position
    throw new EspalierError('table/row', `there is no row ${index} among ${this.length}`)
  }

  id(index: number): string {
    return `row ${this.position(index)}`
  }

  async sample(index: number): Promise<readonly NdArray[]> {
    return this.batch([index]).map((a) => ({ ...a, shape: a.shape.slice(1) }))
  }

  /** Rows by their index in this part, side by side: every array is cut once, no row is made. */
  batch(indices: readonly number[]): NdArray[] {
    const rows = new Int32Array(indices.length)
    for (let k = 0; k < rows.length; k++) rows[k] = this.positions[indices[k]!]!
    return this.arrays.map((array) => gathered(array, rows))
  }

  async *fingerprint(): AsyncIterable<Uint8Array | string> {
    const step = 4096
    for (let from = 0; from < this.length; from += step) {
      const n = Math.min(step, this.length - from)
      for (const { dtype, shape, data } of this.batch(Array.from({ length: n }, (_, i) => from + i))) {
        yield `${dtype} ${shape}`
        yield new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
      }
    }
  }
}

/** The halves of rows that are not empty, in the order in which a model takes them. */
export function inputsOf({ cats, conts }: Halves): NdArray[] {
  return [cats, conts].filter(({ shape }) => shape[1]! > 0)
}

/** Rows that lie one after the other, without a copy. */
export function rowsFrom({ data, shape, dtype, kind }: NdArray, start: number, n: number): NdArray {
  const width = sizeOf(shape.slice(1))
  return ndArray(dtype, [n, ...shape.slice(1)], data.subarray(start * width, (start + n) * width), kind)
}

/** All positions of so many rows. */
export function everyRow(n: number): Int32Array {
  return Int32Array.from({ length: n }, (_, i) => i)
}

/** Some rows of an array. Numbers of four bytes are all moved as integers: a loop that sees one type is a fast one. */
function gathered({ data, shape, dtype, kind }: NdArray, rows: Int32Array): NdArray {
  const width = sizeOf(shape.slice(1))
  const out = new (data.constructor as new (n: number) => TypedArray)(rows.length * width)
  if (out.BYTES_PER_ELEMENT === 4) copyRows(asIntegers(data), rows, asIntegers(out), width)
  else copyRows(data, rows, out, width)
  return ndArray(dtype, [rows.length, ...shape.slice(1)], out, kind)
}

const asIntegers = ({ buffer, byteOffset, length }: TypedArray) => new Int32Array(buffer, byteOffset, length)

function copyRows(from: TypedArray, rows: Int32Array, to: TypedArray, width: number): void {
  for (let k = 0, at = 0; k < rows.length; k++) {
    const start = rows[k]! * width
    for (let i = start; i < start + width; i++) to[at++] = from[i]!
  }
}
