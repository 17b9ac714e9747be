import { type Random, sizeOf } from '@espalier/data'
import { hostCompute } from '../engine/host.js'
import type * as tf from '../engine/tf.js'
import { nextDrops } from './next-drops.js'

/** What the next layer that drops something multiplies with: zeros with probability `p`, 1 / (1 − p) otherwise. */
export function dropMask(shape: readonly number[], p: number): tf.Tensor {
  return hostCompute([], [{ shape, unset: true }], (_, [mask]) => fillFactors(mask as Float32Array, p))[0]!
}

/** The same as plain numbers, for what is looked up by plain loops. */
export function dropFactors(shape: readonly number[], p: number): Float32Array {
  const mask = new Float32Array(sizeOf(shape))
  fillFactors(mask, p)
  return mask
}

/** What the next layer keeps of `size` numbers: a byte for each, four to an int32, 0 with probability `p` and else 1. */
export function keptBytes(size: number, p: number): tf.Tensor1D {
  const spec = { shape: [Math.ceil(size / 4)], dtype: 'int32', unset: true } as const
  return hostCompute([], [spec], (_, [words]) => fillBytes(words as Int32Array, p))[0] as tf.Tensor1D
}

/** What the numbers that are kept are multiplied with, so that their sum stays what it was on the average. */
export function keptScale(p: number): number {
  return p === 1 ? 0 : 1 / (1 - p)
}

/** Each mix makes two factors, without a branch; p to 16 bits is near enough. */
function fillFactors(mask: Float32Array, p: number): void {
  const { start, stride } = keyFrom(nextDrops())
  const words = new Int32Array(mask.buffer, mask.byteOffset, mask.length)
  const scale = bitsOf(keptScale(p))
  const last = Math.round(p * 2 ** 16) - 1
  for (let i = 0, at = start; i < words.length; i += 2, at = (at + stride) | 0) {
    const bits = mixed(at)
    words[i] = ((last - (bits >>> 16)) >> 31) & scale
    if (i + 1 < words.length) words[i + 1] = ((last - (bits & 0xffff)) >> 31) & scale
  }
}

/**
 * Each mix makes four bytes: 1 where its own bits reach `first`, which falls to either side of p · 256, so that p is what
 * comes out. Bytes two apart are compared at once, by what adding makes overflow into the bits between them.
 */
function fillBytes(words: Int32Array, p: number): void {
  const random = nextDrops()
  const { start, stride } = keyFrom(random)
  const first = Math.floor(p * 256 + random.uniform())
  const [low, one] = [0x00ff00ff, 0x00010001]
  const rest = (256 - first) * one
  for (let i = 0, at = start; i < words.length; i++, at = (at + stride) | 0) {
    const bits = mixed(at)
    const even = (((bits & low) + rest) >>> 8) & one
    const odd = (((bits >>> 8) & low) + rest) & (one << 8)
    words[i] = even | odd
  }
}

/** Where a mixer begins, and how far apart what it mixes is. */
function keyFrom(random: Random): { readonly start: number; readonly stride: number } {
  return { start: random.uint32() | 0, stride: random.uint32() | 1 }
}

/** A mixer of 32 bits, Wellons' `lowbias32`. */
function mixed(x: number): number {
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d)
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b)
  return x ^ (x >>> 16)
}

/** The bits of a float32. */
function bitsOf(value: number): number {
  return new Int32Array(Float32Array.of(value).buffer)[0]!
}
