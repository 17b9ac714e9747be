import type { Callback } from '../src/learner/callback.js'
import type { Metric } from '../src/metrics/metric.js'
import { platform, setPlatform } from '../src/platform.js'

/** A metric that measures what it is told to, epoch by epoch, and the callback that tells it the epoch. */
export function scripted(values: readonly number[], name = 'score'): { metric: Metric; cb: Callback } {
  let epoch = 0
  const metric: Metric = { name, reset() {}, accumulate() {}, value: () => values[epoch] }
  const beforeEpoch = (s: { readonly epoch: number }) => {
    epoch = s.epoch
  }
  return { metric, cb: { name: 'script', order: -50, beforeEpoch } }
}

/** What is written to the user's terminal meanwhile, line by line. */
export async function told(run: () => Promise<unknown>): Promise<string[]> {
  const lines: string[] = []
  const real = platform()
  setPlatform({ ...real, write: (text) => void lines.push(text.trimEnd()) })
  try {
    await run()
  } finally {
    setPlatform(real)
  }
  return lines
}
