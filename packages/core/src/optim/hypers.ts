import { EspalierError } from '@espalier/data'

/** Learning rates over the groups, first to last: geometric from `start` to `stop`, or `stop` / 10 and `stop`. */
export interface LrSlice {
  readonly start?: number
  readonly stop: number
}

/**
 * Discriminative learning rates (fastai's `slice`): `lrSlice(1e-6, 1e-4)` spreads the groups geometrically between
 * the two, `lrSlice(1e-3)` gives the last group 1e-3 and the others a tenth.
 */
export function lrSlice(startOrStop: number, stop?: number): LrSlice {
  return stop === undefined ? { stop: startOrStop } : { start: startOrStop, stop }
}

/** A hyper-parameter for all groups: one number, one per group, or a slice. */
export type HyperValue = number | readonly number[] | LrSlice

/** The numbers that a value is made of, or the value itself where it is made of none. */
export function numbersIn(value: HyperValue): readonly unknown[] {
  if (Array.isArray(value)) return value
  const { start, stop } = (value ?? {}) as { readonly start?: unknown; readonly stop?: unknown }
  return stop === undefined ? [value] : [start ?? stop, stop]
}

/** A value for each of `groups` groups (fastai's `set_hyper`). `name` is for the error of a list of another length. */
export function perGroup(name: string, value: HyperValue, groups: number): number[] {
  if (typeof value === 'number') return new Array<number>(groups).fill(value)
  if (Array.isArray(value)) {
    if (value.length === groups) return [...(value as readonly number[])]
    throw new EspalierError(
      'optim/groups',
      `Trying to set ${value.length} values for ${name} but there are ${groups} parameter groups.`,
    )
  }
  const { start, stop } = value as LrSlice
  const last = groups - 1
  return Array.from({ length: groups }, (_, i) => {
    if (i === last) return stop
    return start ? start * (stop / start) ** (i / last) : stop / 10
  })
}
