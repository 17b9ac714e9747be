import type { Confused } from './confusion.js'

/** How often a class was wanted, predicted, and both. */
export interface Tally {
  readonly wanted: number
  readonly predicted: number
  readonly both: number
}

/** A number out of a tally: precision, recall. */
export type TallyScore = (tally: Tally) => number

/** A share; 0 of nothing is 0, as in scikit-learn. */
export const share = (part: number, of: number): number => (of === 0 ? 0 : part / of)

/** The tally of every class that occurs. */
export function tallies(cells: readonly Confused[]): ReadonlyMap<number, Tally> {
  const all = new Map<number, { wanted: number; predicted: number; both: number }>()
  const at = (label: number) => {
    const found = all.get(label) ?? { wanted: 0, predicted: 0, both: 0 }
    all.set(label, found)
    return found
  }
  for (const [wanted, predicted, n] of cells) {
    at(wanted).wanted += n
    at(predicted).predicted += n
    if (wanted === predicted) at(wanted).both += n
  }
  return all
}

/** All tallies in one. */
export function pooled(list: readonly Tally[]): Tally {
  return list.reduce(
    (a, b) => ({
      wanted: a.wanted + b.wanted,
      predicted: a.predicted + b.predicted,
      both: a.both + b.both,
    }),
    { wanted: 0, predicted: 0, both: 0 },
  )
}

/** One number for several classes: their mean, their mean by how often they are wanted, or the number of the pool. */
export function averaged(
  average: 'macro' | 'micro' | 'weighted',
  list: readonly Tally[],
  score: TallyScore,
): number {
  if (average === 'micro') return score(pooled(list))
  const weigh = average === 'weighted' && list.some((t) => t.wanted > 0)
  const weights = list.map((t) => (weigh ? t.wanted : 1))
  const total = weights.reduce((a, b) => a + b, 0)
  return list.reduce((sum, t, i) => sum + (score(t) * weights[i]!) / total, 0)
}
