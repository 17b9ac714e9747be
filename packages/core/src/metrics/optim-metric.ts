import type { NdArray } from '@espalier/data'
import { EspalierError } from '@espalier/data'

/** Between which values of an argument a metric is at its best, and what best means. */
export interface OptimOptions {
  readonly bounds: readonly [low: number, high: number]
  /** How close to the best argument the search comes. Default 0.01. */
  readonly tol?: number
  /** Lower is better. Default false. */
  readonly minimize?: boolean
}

/** A function for `accumMetric`, and the search itself, which also gives the argument. */
export interface OptimMetric {
  (preds: NdArray, targs: NdArray): number
  search(preds: NdArray, targs: NdArray): { readonly value: number; readonly arg: number }
}

/**
 * A metric with the best value of one of its arguments, such as a threshold, found anew each epoch (fastai's
 * `optim_metric`). The search is golden-section, and expects one hump.
 *
 * @example
 * const best = optimMetric((preds, targs, thresh) => f1(preds, targs, thresh), { bounds: [0.1, 0.9] })
 * metrics: [accumMetric(best, { name: 'best_f1', activation: 'sigmoid' })]
 */
export function optimMetric(
  func: (preds: NdArray, targs: NdArray, arg: number) => number,
  { bounds: [low, high], tol = 0.01, minimize = false }: OptimOptions,
): OptimMetric {
  if (!(low < high && tol > 0)) {
    throw new EspalierError(
      'metric/option',
      `optimMetric: cannot search from ${low} to ${high} in steps of ${tol}`,
      {
        fix: 'bounds are [low, high], tol is above 0',
      },
    )
  }
  const sign = minimize ? -1 : 1
  const search = (preds: NdArray, targs: NdArray) => {
    const { x, y } = highest((arg) => sign * func(preds, targs, arg), low, high, tol)
    return { value: sign * y, arg: x }
  }
  const metric = (preds: NdArray, targs: NdArray) => search(preds, targs).value
  Object.defineProperty(metric, 'name', { value: `opt_${func.name}` })
  return Object.assign(metric, { search })
}

const golden = (Math.sqrt(5) - 1) / 2

/** The highest point that golden-section search meets. */
function highest(f: (x: number) => number, low: number, high: number, tol: number): { x: number; y: number } {
  let [a, b] = [low, high]
  const at = (x: number) => ({ x, y: f(x) })
  let [left, right] = [at(b - golden * (b - a)), at(a + golden * (b - a))]
  let best = left.y >= right.y ? left : right
  while (b - a > tol) {
    if (left.y >= right.y) {
      b = right.x
      right = left
      left = at(b - golden * (b - a))
      if (left.y > best.y) best = left
    } else {
      a = left.x
      left = right
      right = at(a + golden * (b - a))
      if (right.y > best.y) best = right
    }
  }
  return best
}
