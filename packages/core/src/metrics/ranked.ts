import type { TypedArray } from '@espalier/data'

/** How many of what is wanted, and of what is not, share a score; highest scores first. */
export interface Ranked {
  readonly yes: readonly number[]
  readonly no: readonly number[]
}

/**
 * Ranks float32 scores, of which `wanted` says which are to be high; undefined where one is not a number. The lowest
 * bit of a score, which float64 has to spare, says what it belongs to: numbers alone sort ten times faster than pairs.
 */
export function ranked(
  scores: TypedArray | readonly number[],
  wanted: (i: number) => boolean,
): Ranked | undefined {
  const keys = new Float64Array(scores.length)
  const words = new Uint32Array(keys.buffer)
  for (let i = 0; i < keys.length; i++) {
    const score = scores[i]!
    // The bits of an infinite number are taken; this one is infinite as float32.
    keys[i] = Math.abs(score) === Number.POSITIVE_INFINITY ? Math.sign(score) * 1e308 : score
    words[2 * i] = ((words[2 * i]! >>> 1) << 1) | Number(wanted(i))
  }
  keys.sort()
  if (Number.isNaN(keys.at(-1))) return undefined
  const [yes, no]: [number[], number[]] = [[], []]
  let last: number | undefined
  for (let i = keys.length - 1; i >= 0; i--) {
    const score = Math.fround(keys[i]!)
    if (score !== last) {
      yes.push(0)
      no.push(0)
      last = score
    }
    const side = words[2 * i]! & 1 ? yes : no
    side[side.length - 1]!++
  }
  return { yes, no }
}
