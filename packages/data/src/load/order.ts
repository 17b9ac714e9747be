import { describe, describeNumber } from '../describe.js'
import { EspalierError } from '../errors.js'
import { Random } from '../random/random.js'

/**
 * Which samples an epoch has, and in which order: positions among the `n` of a data set. A pure function, so that a run
 * can be taken up anywhere; a sample may come more than once, or not at all.
 */
export type EpochOrder = (epoch: number, n: number, seed: number) => readonly number[]

/**
 * Draws samples with replacement, in proportion to their weights (fastai's `WeightedDL`): what is rare is seen as often
 * as what is common when each weight is one over the size of its class. An epoch has as many draws as there are samples.
 *
 * @example
 * dls.with({ order: weightedDl(weights) }) // a weight for each training item
 */
export function weightedDl(weights: readonly number[]): EpochOrder {
  const sums = cumulated(weights)
  const total = sums.at(-1)!
  return (epoch, n, seed) => {
    if (n !== sums.length) {
      throw new EspalierError('loader/weights', `there are ${sums.length} weights for ${n} training items`, {
        fix: 'give one for each training item, in their order: dsets.splits[0] says which they are',
      })
    }
    const random = new Random(seed, 'weighted', epoch)
    return Array.from({ length: n }, () => firstAbove(sums, random.uniform(0, total)))
  }
}

/**
 * A random part of the samples, another in each epoch (fastai's `PartialDL`): short epochs over a large set.
 *
 * @example
 * dls.with({ order: partialDl(1000) })
 */
export function partialDl(partialN: number): EpochOrder {
  if (!Number.isInteger(partialN) || partialN < 1) {
    throw new EspalierError(
      'loader/partial',
      `partialDl takes a whole number of samples, got ${describeNumber(partialN)}`,
      { fix: 'say partialDl(1000)' },
    )
  }
  return (epoch, n, seed) => new Random(seed, 'order', epoch).permutation(n).slice(0, partialN)
}

/** All samples in random order. */
export const shuffled: EpochOrder = (epoch, n, seed) => new Random(seed, 'order', epoch).permutation(n)

/** All samples in their order. */
export const inTurn: EpochOrder = (_, n) => Array.from({ length: n }, (_, i) => i)

/** Throws unless an order is one of a data set of `n` samples. */
export function checkOrder(order: unknown, n: number): asserts order is readonly number[] {
  const outside = Array.isArray(order) ? order.find((i) => !Number.isInteger(i) || i < 0 || i >= n) : order
  if (Array.isArray(order) && outside === undefined) return
  throw new EspalierError(
    'loader/order',
    Array.isArray(order)
      ? `the order of an epoch holds ${describeNumber(outside)}, which is not one of the ${n} samples`
      : `the order of an epoch must be a list of positions, got ${describe(order)}`,
    { fix: `positions are whole numbers from 0 to ${n - 1}` },
  )
}

function cumulated(weights: readonly number[]): Float64Array {
  const wrong = Array.isArray(weights)
    ? weights.findIndex((w) => typeof w !== 'number' || !(w >= 0 && w < Infinity))
    : undefined
  if (wrong !== -1) {
    throw new EspalierError(
      'loader/weights',
      wrong === undefined
        ? `the weights must be a list, got ${describe(weights)}`
        : `weight ${wrong} is ${describeNumber(weights[wrong])}`,
      { fix: 'give a finite number ≥ 0 for each training item' },
    )
  }
  const sums = new Float64Array(weights.length)
  let sum = 0
  for (const [i, w] of weights.entries()) {
    sum += w
    sums[i] = sum
  }
  if (sum > 0) return sums
  throw new EspalierError('loader/weights', `the ${weights.length} weights add up to 0`, {
    fix: 'give some of the items a weight above 0',
  })
}

/** The first place whose sum lies above `x`: one of weight 0 is never found. */
function firstAbove(sums: Float64Array, x: number): number {
  let [lo, hi] = [0, sums.length - 1]
  while (lo < hi) {
    const middle = (lo + hi) >> 1
    if (sums[middle]! > x) hi = middle
    else lo = middle + 1
  }
  return lo
}
