import { EspalierError } from '@espalier/data'
import type { Measurement } from './measurement.js'
import { median } from './statistics.js'

/** Two runs, one right after the other; without a peer there is only ours. */
export interface Pair {
  readonly ours: Measurement
  readonly peer?: Measurement
}

/** How the sides compare. Above 1: ours is faster. */
export interface Comparison {
  /** The median over the pairs of the peer's median step by ours; null without a peer. */
  readonly ratio: number | null
  /** The smallest and the largest of the pairs. */
  readonly spread: readonly [min: number, max: number] | null
}

/** How many times the peer's time ours fits into. */
export function ratioOf({ ours, peer }: Pair): number | undefined {
  return peer && peer.median_step_s / ours.median_step_s
}

/** Compares pair by pair: what slows down the machine for a while slows down both sides of a pair. */
export function compare(pairs: readonly Pair[]): Comparison {
  const ratios = pairs.flatMap((pair) => ratioOf(pair) ?? [])
  if (ratios.length === 0) return { ratio: null, spread: null }
  return { ratio: median(ratios), spread: [Math.min(...ratios), Math.max(...ratios)] }
}

/** One side over all its runs: medians; the smallest step, the largest memory and the most noise of any. */
export function summarize(
  runs: readonly Measurement[],
): Measurement & { readonly runs: readonly Measurement[] } {
  const [first] = runs
  if (!first) throw new EspalierError('bench/no-runs', 'nothing was measured')
  const over = (name: Measured, combine: (values: readonly number[]) => number) => {
    const values = runs.flatMap((r) => r[name] ?? [])
    return values.length > 0 ? { [name]: combine(values) } : {}
  }
  const largest = (values: readonly number[]) => Math.max(...values)
  return {
    ...first,
    ...over('median_step_s', median),
    ...over('p90_step_s', median),
    ...over('items_per_s', median),
    ...over('first_step_s', median),
    ...over('epoch_s', median),
    ...over('cpu_total_s', median),
    ...over('min_step_s', (values) => Math.min(...values)),
    ...over('peak_rss_mb', largest),
    ...over('others_cores', largest),
    runs,
  }
}

type Measured = {
  [K in keyof Measurement]-?: NonNullable<Measurement[K]> extends number ? K : never
}[keyof Measurement]

/** Refuses to compare what is not the same work: models of different sizes or with different parts frozen, other results. */
export function checkSameWork({ ours, peer }: Pair): void {
  for (const name of ['n_params', 'n_trainable', 'sha256'] as const) {
    const [a, b] = [ours[name], peer?.[name]]
    if (a === undefined || b === undefined || a === b) continue
    throw new EspalierError(
      'bench/work',
      `the sides do different work: ${name} is ${a} here, ${b} at the peer`,
    )
  }
}
