import { sizeOf } from '@espalier/data'
import { hostCompute } from '../engine/host.js'
import type * as tf from '../engine/tf.js'
import { nextDrops } from './next-drops.js'

const half = 2 ** 16

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
 * Weights are many: two draws key a mixer of 32 bits (Wellons' `lowbias32`), each output of which makes two of the mask,
 * without a branch; p to 16 bits is near enough.
 */
function fillDropMask(mask: Float32Array, p: number): void {
  const random = nextDrops()
  const [start, stride] = [random.uint32(), random.uint32() | 1]
  const words = new Int32Array(mask.buffer, mask.byteOffset, mask.length)
  const scale = bitsOf(p === 1 ? 0 : 1 / (1 - p))
  const last = Math.round(p * half) - 1
  for (let i = 0, at = start | 0; i < words.length; i += 2, at = (at + stride) | 0) {
    const bits = mixed(at)
    words[i] = ((last - (bits >>> 16)) >> 31) & scale
    if (i + 1 < words.length) words[i + 1] = ((last - (bits & (half - 1))) >> 31) & scale
  }
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
