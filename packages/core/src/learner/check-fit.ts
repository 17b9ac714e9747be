import { describe, describeNumber, EspalierError } from '@espalier/data'
import type { HyperValue } from '../optim/hypers.js'
import type { Learner } from './learner.js'

/** Throws unless there are items to train on, and a whole number of epochs to do so. */
export function checkFit(learn: Learner, what: string, nEpoch: unknown): void {
  checkEpochs(what, nEpoch)
  if (learn.dls.train.dataset.length > 0) return
  throw new EspalierError('fit/no-items', 'there are no training items', {
    fix: 'a model that was loaded only predicts: give its model and new data loaders to a new Learner',
  })
}

/** Throws unless it is a whole number of epochs. */
export function checkEpochs(what: string, n: unknown): void {
  if (Number.isInteger(n) && Number(n) >= 0) return
  throw new EspalierError(
    'fit/epochs',
    `${what}: the number of epochs must be whole, got ${describeNumber(n)}`,
    {
      fix: `say learn.${what}(4)`,
    },
  )
}

/** Throws unless a learning rate or a weight decay is a number ≥ 0, a list of such, or a slice. */
export function checkHyper(name: 'lr' | 'wd', value: HyperValue | undefined): void {
  if (value === undefined) return
  const { start, stop } = (value ?? {}) as { readonly start?: unknown; readonly stop?: unknown }
  const numbers: readonly unknown[] =
    typeof value === 'number'
      ? [value]
      : Array.isArray(value)
        ? value
        : stop === undefined
          ? [value]
          : [start ?? stop, stop]
  const wrong = numbers.find((v) => typeof v !== 'number' || !Number.isFinite(v) || v < 0)
  if (wrong === undefined && numbers.length > 0) return
  throw new EspalierError(
    `fit/${name}`,
    `${name} must be a number ≥ 0, got ${numbers.length > 0 ? describeNumber(wrong) : describe(value)}`,
    {
      fix:
        name === 'lr'
          ? 'say 1e-3, a list with a rate for each group, or lrSlice(1e-6, 1e-4)'
          : 'say 0.01, or a list with a number for each group',
    },
  )
}

/** Throws unless an option is a number within `[least, most]`; `above` leaves the least out. */
export function checkNumber(
  name: string,
  value: unknown,
  { least = 0, most = Number.POSITIVE_INFINITY, above = false },
): void {
  const fits = typeof value === 'number' && value <= most && (above ? value > least : value >= least)
  if (fits) return
  const range =
    most === Number.POSITIVE_INFINITY
      ? `${above ? 'above' : 'at least'} ${least}`
      : `from ${least} to ${most}`
  throw new EspalierError('fit/option', `${name} must be a number ${range}, got ${describeNumber(value)}`, {
    fix: 'leave it out for the usual value',
  })
}

/** Throws unless momentum is given at the start, at the top and at the end of a cycle. */
export function checkMoms(moms: unknown): void {
  const fits =
    Array.isArray(moms) && moms.length === 3 && moms.every((m) => typeof m === 'number' && m >= 0 && m < 1)
  if (fits) return
  throw new EspalierError('fit/moms', `moms must be three numbers from 0 to below 1, got ${describe(moms)}`, {
    fix: 'say [0.95, 0.85, 0.95]: at the start, at the highest rate and at the end',
  })
}
