import { nextDrops } from '@espalier/core'
import { describeNumber, EspalierError } from '@espalier/data'

const half = 2 ** 16

/**
 * Zeros with probability `p` and 1 / (1 − p) otherwise, from the draws of the next layer that drops something. A draw
 * of 32 bits makes two of them: weights are many, and p to 16 bits is near enough.
 */
export function dropMask(size: number, p: number): Float32Array {
  const random = nextDrops()
  const scale = p === 1 ? 0 : 1 / (1 - p)
  const limit = Math.round(p * half)
  const mask = new Float32Array(size)
  for (let i = 0; i < size; i += 2) {
    const bits = random.uint32()
    if (bits >>> 16 >= limit) mask[i] = scale
    if (i + 1 < size && (bits & (half - 1)) >= limit) mask[i + 1] = scale
  }
  return mask
}

/** Throws unless a number is a probability. */
export function checkProbability(layer: string, p: unknown): void {
  if (typeof p === 'number' && p >= 0 && p <= 1) return
  throw new EspalierError('dropout/p', `${layer}: p must be in [0, 1], got ${describeNumber(p)}`, {
    fix: 'say p: 0.5',
  })
}
