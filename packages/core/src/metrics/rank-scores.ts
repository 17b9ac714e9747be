import type { RankScore } from './over-labels.js'
import { type Ranked, ranked } from './ranked.js'

/**
 * Area under the curve of found over falsely found; NaN where all or none are wanted. With `maxFpr` only the part up
 * to this false positive rate, scaled so that chance is 0.5 (McClish 1989).
 */
export const aucOf =
  (maxFpr = 1): RankScore =>
  (scores, wanted) => {
    const ranks = ranked(scores, wanted)
    if (!ranks) return Number.NaN
    const [yes, no] = [total(ranks.yes), total(ranks.no)]
    if (yes === 0 || no === 0) return Number.NaN
    const area = areaUnder(ranks, yes, no, maxFpr)
    const chance = maxFpr ** 2 / 2
    return maxFpr === 1 ? area : (1 + (area - chance) / (maxFpr - chance)) / 2
  }

function areaUnder({ yes, no }: Ranked, allYes: number, allNo: number, maxFpr: number): number {
  let [area, x, y] = [0, 0, 0]
  for (let i = 0; i < yes.length && x < maxFpr; i++) {
    const [dx, dy] = [no[i]! / allNo, yes[i]! / allYes]
    const part = Math.min(1, dx === 0 ? 1 : (maxFpr - x) / dx)
    area += dx * part * (y + (dy * part) / 2)
    x += dx
    y += dy
  }
  return area
}

/** Precision, averaged over what is found as the threshold falls; 0 where nothing is wanted, as in scikit-learn. */
export const averagePrecision: RankScore = (scores, wanted) => {
  const ranks = ranked(scores, wanted)
  if (!ranks) return Number.NaN
  const all = total(ranks.yes)
  let [sum, found, seen] = [0, 0, 0]
  for (const [i, yes] of ranks.yes.entries()) {
    found += yes
    seen += yes + ranks.no[i]!
    sum += (yes * found) / seen
  }
  return all === 0 ? 0 : sum / all
}

const total = (counts: readonly number[]): number => counts.reduce((a, b) => a + b, 0)
