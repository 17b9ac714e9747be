import { describe, EspalierError, listed } from '@espalier/data'

/** Metrics that are better when they are lower, besides losses and errors. */
const lower = /loss|error|perplexity|(^|_)(mse|rmse|mae|msle|exp_rmspe)$/

/** Whether a column is better when it is lower, as its name says. */
export function isLowerBetter(monitor: string): boolean {
  return lower.test(columnOf(monitor))
}

/**
 * The place of a monitored number in the rows of a recorder. Names may be written as fastai does or camelCased, `val`
 * stands for `valid`, and a metric may be named with or without its prefix.
 */
export function monitoredColumn(callback: string, monitor: string, columns: readonly string[]): number {
  const name = columnOf(monitor)
  const bare = name.replace(/^valid_/, '')
  const places = [monitor, name, `valid_${name}`, bare].map((n) => columns.indexOf(n))
  const at = places.find((place) => place >= 0)
  if (at !== undefined) return at
  throw new EspalierError(
    'callback/monitor',
    `${callback} monitors ${describe(monitor)}, which is not measured`,
    { fix: `monitor one of ${listed(columns, 20)}, or give the learner a metric of that name` },
  )
}

/** `valLoss`, `val_loss`, `validLoss` → `valid_loss`. */
function columnOf(monitor: string): string {
  return monitor.replace(/(?<=[a-z0-9])[A-Z]/g, (c) => `_${c.toLowerCase()}`).replace(/^val_/, 'valid_')
}
