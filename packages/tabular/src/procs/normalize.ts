import { checkOptions, describeNumber, EspalierError, type Json } from '@espalier/data'
import { Column } from '../frame/column.js'
import { Frame } from '../frame/frame.js'
import { known, meanOf, stdOf } from '../frame/statistics.js'
import { numeric } from './fill-missing.js'
import type { FittedProc, Roles, TabularProc } from './proc.js'
import { rowNumber } from './row-number.js'

/** What becomes of a column that says nothing. */
export interface NormalizeOptions {
  /** A column that holds one value in every training row is an error, or becomes 0 there. Default `'error'`. */
  readonly constant?: 'error' | 'zero'
}

/** Is added to the standard deviation, as fastai does. */
const eps = 1e-7

/**
 * Gives continuous columns mean 0 and standard deviation 1 over the training rows (fastai's `Normalize` of tables);
 * the deviation is that of a population.
 */
export function normalize(options: NormalizeOptions = {}): TabularProc {
  checkOptions('normalize', options, ['constant'])
  const { constant = 'error' } = options
  return {
    name: 'normalize',
    order: 99,
    fit: (train, roles) => {
      const means: Record<string, number> = {}
      const stds: Record<string, number> = {}
      const whole: string[] = []
      for (const name of roles.conts) {
        const column = numeric(train, name)
        const values = known(column.numbers())
        checkValues(train, name, values, constant)
        const mean = meanOf(values)
        means[name] = mean
        stds[name] = stdOf(values, 0, mean) + eps
        if (values.every(Number.isInteger)) whole.push(name)
      }
      return new FittedNormalize({ means, stds, whole }, roles)
    },
  }
}

interface State {
  readonly means: Readonly<Record<string, number>>
  readonly stds: Readonly<Record<string, number>>
  /** Columns of whole numbers: decoding rounds them. */
  readonly whole: readonly string[]
}

/** Means and deviations that were learned. */
export class FittedNormalize implements FittedProc {
  readonly name = 'normalize'
  readonly order = 99

  constructor(
    readonly state: State,
    readonly roles: Roles,
  ) {}

  encode(frame: Frame): Frame {
    return this.#each(frame, (values, mean, std) => values.map((v) => (v - mean) / std))
  }

  decode(frame: Frame): Frame {
    return this.#each(frame, (values, mean, std, whole) =>
      values.map((v) => {
        const back = v * std + mean
        const round = Math.round(back)
        // A number of a column of whole ones may be none in a new row: only the error of rounding is taken away.
        return whole && Math.abs(back - round) < 1e-5 * (std + Math.abs(back)) ? round : back
      }),
    )
  }

  toJSON() {
    return { ...this.state, roles: this.roles } as unknown as { readonly [key: string]: Json }
  }

  #each(
    frame: Frame,
    f: (values: Float64Array, mean: number, std: number, whole: boolean) => Float64Array,
  ): Frame {
    const { means, stds, whole } = this.state
    const changed = new Map(frame.names.map((name) => [name, frame.column(name)]))
    for (const [name, mean] of Object.entries(means)) {
      if (!frame.has(name)) continue
      const values = f(numeric(frame, name).numbers(), mean, stds[name]!, whole.includes(name))
      changed.set(name, new Column('number', values))
    }
    return new Frame(changed)
  }
}

function checkValues(train: Frame, name: string, values: Float64Array, constant: 'error' | 'zero'): void {
  if (values.length === 0) {
    throw new EspalierError('procs/all-missing', `column '${name}' has no value in the training rows`, {
      fix: 'leave it out of contNames',
    })
  }
  const odd = values.find((v) => !Number.isFinite(v))
  if (odd !== undefined) {
    const at = train.column(name).numbers().indexOf(odd)
    throw new EspalierError(
      'procs/infinite',
      `row ${rowNumber(train, at)} holds ${odd} in column '${name}'`,
      {
        fix: 'leave such rows out, or make the value a missing one: null',
      },
    )
  }
  if (constant === 'zero' || values.some((v) => v !== values[0])) return
  throw new EspalierError(
    'procs/constant',
    `column '${name}' holds ${describeNumber(values[0])} in every training row`,
    {
      fix: "it says nothing: leave it out of contNames, or say normalize({ constant: 'zero' })",
    },
  )
}
