import { sizeOf } from '@espalier/data'
import { hostCompute } from '../engine/host.js'
import type * as tf from '../engine/tf.js'
import { nextDrops } from './next-drops.js'

const half = 2 ** 16
/** From so many on, 8 bits decide. */
const many = 2 ** 17

/** What the next layer that drops something multiplies with: zeros with probability `p`, 1 / (1 − p) otherwise. */
export function dropMask(shape: readonly number[], p: number): tf.Tensor {
  return hostCompute([], [{ shape, unset: true }], (_, [mask]) => fillDropMask(mask as Float32Array, p))[0]!
}

/** The same as plain numbers, for what is looked up by plain loops. */
export function dropFactors(shape: readonly number[], p: number): Float32Array {
  const mask = new Float32Array(sizeOf(shape))
  fillDropMask(mask, p)
  return mask
}

/**
 * Two draws key a mixer of 32 bits (Wellons' `lowbias32`), each output of which makes two of the mask, without a branch;
 * p to 16 bits is near enough. Weights are many: there it makes four, of 8 bits.
 */
function fillDropMask(mask: Float32Array, p: number): void {
  const random = nextDrops()
  const key = { start: random.uint32() | 0, stride: random.uint32() | 1 }
  const words = new Int32Array(mask.buffer, mask.byteOffset, mask.length)
  const scale = bitsOf(p === 1 ? 0 : 1 / (1 - p))
  if (words.length > many) fillInFours(words, Math.floor(p * 256 + random.uniform()) - 1, scale, key)
  else fillInPairs(words, Math.round(p * half) - 1, scale, key)
}

/** Where a mixer begins, and how far apart what it mixes is. */
interface Key {
  readonly start: number
  readonly stride: number
}

/** Zeros where 16 bits are at most `last`. */
function fillInPairs(words: Int32Array, last: number, scale: number, { start, stride }: Key): void {
  for (let i = 0, at = start; i < words.length; i += 2, at = (at + stride) | 0) {
    const bits = mixed(at)
    words[i] = ((last - (bits >>> 16)) >> 31) & scale
    if (i + 1 < words.length) words[i + 1] = ((last - (bits & (half - 1))) >> 31) & scale
  }
}

/** Zeros where 8 bits are at most `last`, which falls to either side of p, so that p is what comes out. */
function fillInFours(words: Int32Array, last: number, scale: number, { start, stride }: Key): void {
  const whole = words.length - (words.length % 4)
  let at = start
  for (let i = 0; i < whole; i += 4, at = (at + stride) | 0) {
    const bits = mixed(at)
    words[i] = ((last - (bits >>> 24)) >> 31) & scale
    words[i + 1] = ((last - ((bits >>> 16) & 255)) >> 31) & scale
    words[i + 2] = ((last - ((bits >>> 8) & 255)) >> 31) & scale
    words[i + 3] = ((last - (bits & 255)) >> 31) & scale
  }
  fillInPairs(words.subarray(whole), last * 256 + 255, scale, { start: at, stride })
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
