/** The value below which a fraction of the numbers lies, linear between neighbours (numpy's default). */
export function quantile(values: readonly number[], fraction: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  const place = (sorted.length - 1) * fraction
  const low = Math.floor(place)
  const [a = Number.NaN, b = a] = sorted.slice(low, low + 2)
  return a + (b - a) * (place - low)
}

/** The middle of the numbers; NaN of none. */
export const median = (values: readonly number[]): number => quantile(values, 0.5)

/** The numbers of steps that do `perStep` items each, without the first ones, which warm up. */
export function summarizeSteps(steps: readonly number[], warmup: number, perStep: number) {
  const counted = steps.slice(warmup)
  const middle = median(counted)
  return {
    warmup_steps: warmup,
    steps: counted.length,
    median_step_s: middle,
    p90_step_s: quantile(counted, 0.9),
    min_step_s: Math.min(...counted),
    items_per_s: perStep / middle,
  }
}
