/**
 * Philox4x32-10 (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3"): four random words as a
 * pure function of a 64-bit key and a 128-bit counter. Nothing is remembered between calls, so any draw can
 * be made alone, in any order, on any thread.
 */
export function philox(key0: number, key1: number, counter: Uint32Array, out: Uint32Array): void {
  let c0 = counter[0]!
  let c1 = counter[1]!
  let c2 = counter[2]!
  let c3 = counter[3]!
  let k0 = key0 >>> 0
  let k1 = key1 >>> 0
  for (let round = 0; round < 10; round++) {
    const hi0 = mulHigh(0xd2511f53, c0)
    const lo0 = Math.imul(0xd2511f53, c0)
    const hi1 = mulHigh(0xcd9e8d57, c2)
    const lo1 = Math.imul(0xcd9e8d57, c2)
    c0 = (hi1 ^ c1 ^ k0) >>> 0
    c1 = lo1 >>> 0
    c2 = (hi0 ^ c3 ^ k1) >>> 0
    c3 = lo0 >>> 0
    k0 = (k0 + 0x9e3779b9) >>> 0
    k1 = (k1 + 0xbb67ae85) >>> 0
  }
  out[0] = c0
  out[1] = c1
  out[2] = c2
  out[3] = c3
}

/** The upper 32 bits of the product of two 32-bit words. */
function mulHigh(a: number, b: number): number {
  const aLow = a & 0xffff
  const aHigh = a >>> 16
  const bLow = b & 0xffff
  const bHigh = b >>> 16
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16)
  const middle2 = aLow * bHigh + (middle & 0xffff)
  return aHigh * bHigh + Math.floor(middle / 0x10000) + (middle2 >>> 16)
}
