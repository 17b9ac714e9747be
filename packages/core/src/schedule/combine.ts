import { EspalierError } from '@espalier/data'
import { type Schedule, schedCos } from './anneal.js'

/**
 * Schedules one after the other, each for its share of the fit; the shares sum to 1 (fastai's `combine_scheds`).
 * Where a share begins and how far it is done are float32 numbers, as fastai has them: rates agree to the last step.
 */
export function combineScheds(pcts: readonly number[], scheds: readonly Schedule[]): Schedule {
  const total = pcts.reduce((sum, p) => sum + p, 0)
  const fits = pcts.length === scheds.length && pcts.every((p) => p >= 0) && Math.abs(total - 1) <= 1e-9
  if (!fits) {
    throw new EspalierError(
      'schedule/shares',
      `the shares of a schedule must be ≥ 0 and sum to 1, got [${pcts}] for ${scheds.length}`,
      { fix: 'give each schedule its share: combineScheds([0.3, 0.7], [schedLin(0, 1), schedCos(1, 0)])' },
    )
  }
  const bounds = boundsOf(pcts)
  const widths = pcts.map((_, i) => fround(bounds[i + 1]! - bounds[i]!))
  return (pos) => {
    const i = widths.findLastIndex((width, k) => k === 0 || (width > 0 && fround(pos) >= bounds[k]!))
    return scheds[i]!(widths[i] ? fround(fround(fround(pos) - bounds[i]!) / widths[i]) : 0)
  }
}

const { fround } = Math

/** Where each share begins, and 1: summed in double precision, kept in single. */
function boundsOf(pcts: readonly number[]): number[] {
  let sum = 0
  return [
    0,
    ...pcts.map((p) => {
      sum += fround(p)
      return fround(sum)
    }),
  ]
}

/** Cosine up (or down) for `pct` of the fit, then cosine to the end (fastai's `combined_cos`). */
export function combinedCos(pct: number, start: number, middle: number, end: number): Schedule {
  return combineScheds([pct, 1 - pct], [schedCos(start, middle), schedCos(middle, end)])
}
