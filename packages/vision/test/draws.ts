import { Random, type TransformContext } from '@espalier/data'
import { mulberry32 } from '@espalier/testkit'
import type { Draws } from '../src/index.js'

/** Given numbers in [0, 1), one after the other, as a stream. */
function asDraws(numbers: readonly number[] | (() => number)): Draws & { readonly used: () => number } {
  let used = 0
  const next = () => {
    const u = typeof numbers === 'function' ? numbers() : numbers[used]
    if (u === undefined) throw new Error(`only ${used} numbers were given`)
    used++
    return u
  }
  return { uniform: (lo = 0, hi = 1) => lo + (hi - lo) * next(), used: () => used }
}

/** The stream of the golden schema. */
export const goldenDraws = (seed: number) => asDraws(mulberry32(seed))

/** Where a transform acts, in a test. */
export function context(split: number): TransformContext {
  return { split, random: new Random(0, 'test') }
}
