import { describe, describeNumber } from '../describe.js'
import { EspalierError } from '../errors.js'
import { type NdArray, ndArray } from '../nd-array.js'
import type { Transform } from '../transform/transform.js'
import type { Cell, Target } from './block.js'

/** How many numbers are predicted for an item. */
export interface RegressionOptions {
  /** Default 1: a number. */
  readonly nOut?: number
}

/** A number, or several, as float32 (fastai's `RegressionSetup`). */
export class RegressionSetup
  implements Transform<number | readonly number[], NdArray<'float32'>>, Target<number | number[]>
{
  readonly name = 'regressionSetup'
  readonly loss = 'mse'
  readonly c: number

  constructor({ nOut = 1 }: RegressionOptions = {}) {
    if (!Number.isInteger(nOut) || nOut < 1) {
      throw new EspalierError(
        'regression/n-out',
        `regressionBlock: nOut must be a whole number ≥ 1, got ${describeNumber(nOut)}`,
        { fix: 'it says how many numbers are predicted for an item' },
      )
    }
    this.c = nOut
  }

  encode(y: number | readonly number[]): NdArray<'float32'> {
    const problem = regressionProblem(y, this.c)
    if (problem) {
      throw new EspalierError('regression/value', `${describe(y)} cannot be a target`, { fix: problem })
    }
    return typeof y === 'number' ? ndArray('float32', [], [y]) : ndArray('float32', [this.c], y)
  }

  decode({ data }: NdArray): number | readonly number[] {
    return this.c === 1 ? data[0]! : Array.from(data)
  }

  show({ data }: NdArray): Cell {
    return { text: Array.from(data, (v) => String(Number(v.toPrecision(4)))).join(', ') }
  }

  read(activations: Float32Array): number | number[] {
    return this.c === 1 ? activations[0]! : Array.from(activations)
  }

  toJSON() {
    return { nOut: this.c }
  }
}

/** What must be given instead of a target; nothing where it is fine. */
export function regressionProblem(y: unknown, nOut: number): string | undefined {
  const finite = (v: unknown) => typeof v === 'number' && Number.isFinite(v)
  if (typeof y === 'string') {
    return Number.isFinite(Number(y)) && y.trim() !== ''
      ? 'a target must be a number: Number(text)'
      : 'a target must be a number; to predict labels use categoryBlock()'
  }
  if (nOut === 1) {
    if (finite(y)) return undefined
    if (Array.isArray(y)) return `for several numbers say regressionBlock({ nOut: ${y.length} })`
    return 'a target must be a finite number: leave out items that have none'
  }
  if (!Array.isArray(y)) return `return a list of ${nOut} numbers, or leave nOut out`
  if (y.length !== nOut) return `it must have nOut: ${nOut} numbers, it has ${y.length}`
  return y.every(finite) ? undefined : 'targets must be finite numbers: leave out items that have none'
}
