import { EspalierError } from '@espalier/data'
import { type Schedule, schedCos } from './anneal.js'

/** Schedules one after the other, each for its share of the fit; the shares sum to 1 (fastai's `combine_scheds`). */
export function combineScheds(pcts: readonly number[], scheds: readonly Schedule[]): Schedule {
  const total = pcts.reduce((sum, p) => sum + p, 0)
  if (pcts.length !== scheds.length || Math.abs(total - 1) > 1e-9 || pcts.some((p) => p < 0)) {
    throw new EspalierError(
      'schedule/shares',
      `the shares of a schedule must be ≥ 0 and sum to 1, got [${pcts}] for ${scheds.length}`,
    )
  }
  const begins = pcts.map((_, i) => pcts.slice(0, i).reduce((sum, p) => sum + p, 0))
  return (pos) => {
    const i = begins.findLastIndex((begin, k) => pos >= begin && (pcts[k]! > 0 || k === 0))
    return scheds[i]!(pcts[i] ? (pos - begins[i]!) / pcts[i] : 0)
  }
}

/** Cosine up (or down) for `pct` of the fit, then cosine to the end (fastai's `combined_cos`). */
export function combinedCos(pct: number, start: number, middle: number, end: number): Schedule {
  return combineScheds([pct, 1 - pct], [schedCos(start, middle), schedCos(middle, end)])
}
