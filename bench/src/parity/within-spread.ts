/** What an epoch came to, on what was held out. */
export interface Score {
  readonly loss: number
  readonly accuracy: number
}

const meanOf = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length

/** Whether the mean of ours is as good as the peer's, or worse by no more than the runs of both differ among themselves. */
export function withinSpread(
  ours: readonly number[],
  peer: readonly number[],
  better: 'lower' | 'higher',
): { readonly ok: boolean; readonly text: string } {
  const width = (values: readonly number[]) => Math.max(...values) - Math.min(...values)
  const spread = Math.max(width(ours), width(peer))
  const [a, b] = [meanOf(ours), meanOf(peer)]
  const worse = better === 'lower' ? a - b : b - a
  return {
    ok: worse <= spread,
    text: `mean ${a.toFixed(4)} against ${b.toFixed(4)}, the seeds of a side differ by ${spread.toFixed(4)}`,
  }
}
