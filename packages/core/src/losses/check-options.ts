import { describe, describeNumber, EspalierError } from '@espalier/data'

/** Throws unless a reduction is one that there is. */
export function checkReduction(loss: string, reduction: unknown): void {
  if (reduction === 'mean' || reduction === 'sum' || reduction === 'none') return
  throw invalid(loss, `reduction is ${describe(reduction)}`, "say 'mean', 'sum' or 'none'")
}

/** Throws unless an option is a number in its range, bounds included. */
export function checkRange(loss: string, option: string, value: unknown, low: number, high: number): void {
  if (typeof value === 'number' && value >= low && value <= high) return
  const range = high === Number.POSITIVE_INFINITY ? `at least ${low}` : `from ${low} to ${high}`
  throw invalid(loss, `${option} is ${describeNumber(value)}`, `give a number ${range}`)
}

/** Throws unless weights, where there are any, are a list of numbers that are not negative. */
export function checkWeights(loss: string, option: string, weights: unknown): void {
  if (weights === undefined) return
  const fix = 'give a list with one weight for each class, in the order of the vocabulary'
  if (!Array.isArray(weights) || weights.length === 0)
    throw invalid(loss, `${option} is ${describe(weights)}`, fix)
  const at = weights.findIndex((w) => !(typeof w === 'number' && w >= 0 && w < Number.POSITIVE_INFINITY))
  if (at >= 0) throw invalid(loss, `${option}[${at}] is ${describeNumber(weights[at])}`, fix)
}

function invalid(loss: string, problem: string, fix: string): EspalierError {
  return new EspalierError('loss/option', `${loss}: ${problem}`, { fix })
}
