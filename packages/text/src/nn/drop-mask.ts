import { nextDrops } from '@espalier/core'
import { describeNumber, EspalierError } from '@espalier/data'

const half = 2 ** 16

/**
 * Zeros with probability `p` and 1 / (1 − p) otherwise, from the draws of the next layer that drops something. Weights
 * are many: two draws key a mixer of 32 bits (Wellons' `lowbias32`), each output of which makes two of the mask, without
 * a branch; p to 16 bits is near enough.
 */
export function dropMask(size: number, p: number): Float32Array {
  const random = nextDrops()
  const [start, stride] = [random.uint32(), random.uint32() | 1]
  const mask = new Float32Array(size)
  const words = new Int32Array(mask.buffer)
  const scale = bitsOf(p === 1 ? 0 : 1 / (1 - p))
  const last = Math.round(p * half) - 1
  for (let i = 0, at = start | 0; i < size; i += 2, at = (at + stride) | 0) {
    const bits = mixed(at)
    words[i] = ((last - (bits >>> 16)) >> 31) & scale
    if (i + 1 < size) words[i + 1] = ((last - (bits & (half - 1))) >> 31) & scale
  }
  return mask
}

function mixed(x: number): number {
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d)
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b)
  return x ^ (x >>> 16)
}

/** The bits of a float32. */
function bitsOf(value: number): number {
  return new Int32Array(Float32Array.of(value).buffer)[0]!
}

/** Throws unless a number is a probability. */
export function checkProbability(layer: string, p: unknown): void {
  if (typeof p === 'number' && p >= 0 && p <= 1) return
  throw new EspalierError('dropout/p', `${layer}: p must be in [0, 1], got ${describeNumber(p)}`, {
    fix: 'say p: 0.5',
  })
}
