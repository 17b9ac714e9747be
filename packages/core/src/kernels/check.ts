import { EspalierError } from '@espalier/data'
import type { Tensor } from '../engine/tf.js'

/** Throws unless a tensor has the rank an operation needs. */
export function checkRank(op: string, what: string, t: Tensor, rank: number): void {
  if (t.rank !== rank) throw shapeError(op, `${what} must have rank ${rank}, got [${t.shape}]`)
}

/** The error for shapes that do not fit an operation. */
export function shapeError(op: string, problem: string): EspalierError {
  return new EspalierError('shape', `${op}: ${problem}`)
}

/** Throws unless every number is an integer of at least `least`. */
export function checkInts(op: string, what: string, values: readonly number[], least: number): void {
  const wrong = values.find((v) => !Number.isInteger(v) || v < least)
  if (wrong !== undefined) throw shapeError(op, `${what} must be whole numbers ≥ ${least}, got [${values}]`)
}
