import { isLowerBetter } from '../callback/monitored.js'
import type { FitRecord } from '../learner/fit-record.js'

/** Where a run stands between learning too little and learning by heart. */
export type FitState =
  | 'not begun'
  | 'diverged'
  | 'not validated'
  | 'too few epochs'
  | 'under-fitting'
  | 'over-fitting'
  | 'over-confident'
  | 'just right'

/** The curves that are judged: a record of a fit is one. */
export type Curves = Pick<FitRecord, 'columns' | 'values'> & Partial<Pick<FitRecord, 'rawLosses' | 'about'>>

/** How a number went from epoch to epoch. */
export interface Course {
  readonly name: string
  readonly first: number
  readonly best: number
  /** The epoch of the best value, from 0. */
  readonly bestEpoch: number
  readonly last: number
  /** True where the last epochs are worse than the best by more than chance and rounding. */
  readonly worsened: boolean
  /** True where the last two epochs still made it better, by more than a fiftieth each. */
  readonly improving: boolean
}

/** The numbers behind a verdict. */
export interface Evidence {
  readonly epochs: number
  /** The training loss when the run began and at its end. */
  readonly train?: { readonly first: number; readonly last: number }
  readonly validLoss?: Course
  /** The metric that says how good the model is, where there is one. */
  readonly metric?: Course
}

/** What is known besides the curves. */
export interface JudgedBy {
  /** The column that says how good the model is. Default: the first metric; without metrics the validation loss. */
  readonly monitor?: string | undefined
  /** How many items validation has: of fewer a share wavers more. */
  readonly validItems?: number | undefined
}

/**
 * Judges the curves of a run. Over-fitting is a metric, or without metrics the validation loss, that gets worse: a
 * training loss below the validation loss is no sign of it, every good model has that.
 */
export function verdictOf(
  curves: Curves,
  by: JudgedBy = {},
): { readonly state: FitState; readonly evidence: Evidence } {
  const evidence = evidenceOf(curves, by)
  return { state: stateOf(curves, evidence), evidence }
}

function stateOf(curves: Curves, { epochs, train, validLoss, metric }: Evidence): FitState {
  if (hasDiverged(curves)) return 'diverged'
  if (epochs === 0) return 'not begun'
  if (!validLoss) return 'not validated'
  if (epochs < 3) return 'too few epochs'
  if ((metric ?? validLoss).worsened) return 'over-fitting'
  if (validLoss.worsened) return 'over-confident'
  const hardlyFell = train !== undefined && train.last > train.first / 2 && !isGood(metric)
  return validLoss.improving || metric?.improving || hardlyFell ? 'under-fitting' : 'just right'
}

/** A run that begins with a trained model has little to fall: nine of ten right is no under-fitting. */
function isGood(metric: Course | undefined): boolean {
  if (!metric || !(metric.last >= 0 && metric.last <= 1)) return false
  return isLowerBetter(metric.name) ? metric.last <= 0.1 : metric.last >= 0.9
}

function evidenceOf(curves: Curves, { monitor, validItems }: JudgedBy): Evidence {
  const { columns, values, rawLosses = [] } = curves
  const column = (name: string) => {
    const at = columns.indexOf(name)
    return at < 0 ? [] : values.flatMap((row) => row[at] ?? [])
  }
  const losses = column('train_loss')
  const [first, last] = [meanOf(rawLosses.slice(0, 3)) ?? losses[0], losses.at(-1)]
  const chosen = monitor ?? columns.find((name) => !name.startsWith('train_') && name !== 'valid_loss')
  const course = (name: string | undefined) => name && courseOf(name, column(name), validItems)
  const [validLoss, metric] = [course('valid_loss'), chosen === 'valid_loss' ? undefined : course(chosen)]
  return {
    epochs: values.length,
    ...(first !== undefined && last !== undefined && { train: { first, last } }),
    ...(validLoss && { validLoss }),
    ...(metric && { metric }),
  }
}

function courseOf(
  name: string,
  values: readonly number[],
  validItems: number | undefined,
): Course | undefined {
  const n = values.length
  const [first, last] = [values[0], values.at(-1)]
  if (first === undefined || last === undefined) return undefined
  const sign = isLowerBetter(name) ? 1 : -1
  const bad = values.map((v) => sign * v)
  const least = Math.min(...bad)
  const bestEpoch = bad.indexOf(least)
  const best = values[bestEpoch]!
  const span = Math.max(...bad) - least
  // A share of n items wavers by this much when others are drawn.
  const isShare = !name.includes('loss') && values.every((v) => v >= 0 && v <= 1)
  const chance = isShare && validItems ? Math.sqrt((best * (1 - best)) / validItems) : 0
  const enough = Math.max(span / 50, chance)
  const tail = bad.slice(bestEpoch + 1)
  const worsened = tail.length >= 2 && Math.min(...tail.slice(-2)) > least + enough // One epoch alone may be chance.
  const gain = n < 3 ? 0 : bad[n - 3]! - bad[n - 1]!
  const improving = bestEpoch >= n - 2 && gain > Math.max(Math.abs(values[n - 3] ?? 0) / 25, chance)
  return { name, first, best, bestEpoch, last, worsened, improving }
}

/** Whether the training loss stopped being a number, or rose far above where it began. */
function hasDiverged({ columns, values, rawLosses = [], about }: Curves): boolean {
  if (about?.end === 'failed: train/nan') return true
  if (rawLosses.some((loss) => !Number.isFinite(loss))) return true
  const losses = columns
    .map((name, at) => (/^(train|valid)_loss$/.test(name) ? at : -1))
    .filter((at) => at >= 0)
  if (values.some((row) => losses.some((at) => row[at] !== undefined && !Number.isFinite(row[at]))))
    return true
  const n = rawLosses.length
  if (n < 6) return false
  const early = meanOf(rawLosses.slice(0, Math.max(3, Math.floor(n / 20))))!
  const late = meanOf(rawLosses.slice(-Math.max(3, Math.floor(n / 10))))!
  return late > 1.5 * early && late > 0
}

function meanOf(values: readonly number[]): number | undefined {
  return values.length > 0 ? values.reduce((a, b) => a + b, 0) / values.length : undefined
}
