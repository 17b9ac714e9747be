import type { NdArray } from '@espalier/data'

/** How a number of single labels becomes one. */
export type LabelAverage = 'macro' | 'micro' | 'weighted' | 'samples'

/** A number of the scores of items and of which are wanted; NaN where they do not give one. */
export type RankScore = (scores: Float32Array, wanted: (i: number) => boolean) => number

/**
 * A number for `[n, labels]` scores and targets out of one for single labels: the mean over labels (`macro`), by how
 * often they are wanted (`weighted`), over items (`samples`), or of all pairs at once (`micro`). Where a label or an
 * item gives no number it is left out.
 */
export function overLabels(
  average: LabelAverage,
  { data, shape }: NdArray,
  wanted: ArrayLike<number>,
  score: RankScore,
): number | undefined {
  const labels = shape.length > 1 ? shape.at(-1)! : 1
  const n = data.length / labels
  if (average === 'micro') return defined(score(Float32Array.from(data), (i) => wanted[i] !== 0))
  const [outer, inner, at] =
    average === 'samples'
      ? [n, labels, (row: number, label: number) => row * labels + label]
      : [labels, n, (label: number, row: number) => row * labels + label]
  let [sum, weights] = [0, 0]
  for (let o = 0; o < outer; o++) {
    const scores = Float32Array.from({ length: inner }, (_, i) => data[at(o, i)]!)
    const value = score(scores, (i) => wanted[at(o, i)] !== 0)
    if (Number.isNaN(value)) continue
    let weight = 1
    if (average === 'weighted') {
      weight = 0
      for (let i = 0; i < inner; i++) if (wanted[at(o, i)] !== 0) weight++
    }
    sum += value * weight
    weights += weight
  }
  return weights === 0 ? undefined : sum / weights
}

/** A number, or nothing where it is none. */
export const defined = (value: number): number | undefined => (Number.isNaN(value) ? undefined : value)
