import type { Json } from '@espalier/data'
import type { Frame } from '../frame/frame.js'
import { type AddDatepartOptions, addDatepart } from './add-datepart.js'
import type { FittedProc, Roles, TabularProc } from './proc.js'

/**
 * {@link addDatepart} as a step: it travels with the model, so that a single new row needs no more than its date. The
 * parts are named in `catNames` and `contNames`.
 *
 * @example
 * { catNames: ['saleMonth', 'saleDayofweek'], contNames: ['saleElapsed'], procs: [dateparts('saledate'), categorify(), normalize()] }
 */
export function dateparts(field: string, options: Omit<AddDatepartOptions, 'drop'> = {}): TabularProc {
  return {
    name: 'dateparts',
    order: -1,
    fit: (_, roles) => new FittedDateparts({ field, options }, roles),
  }
}

interface State {
  readonly field: string
  readonly options: Omit<AddDatepartOptions, 'drop'>
}

/** Which dates are taken apart, and how. */
export class FittedDateparts implements FittedProc {
  readonly name = 'dateparts'
  readonly order = -1

  constructor(
    readonly state: State,
    readonly roles: Roles,
  ) {}

  get reads(): readonly string[] {
    return [this.state.field]
  }

  encode(frame: Frame): Frame {
    const { field, options } = this.state
    return addDatepart(frame, field, { ...options, drop: false })
  }

  decode(frame: Frame): Frame {
    return frame
  }

  toJSON() {
    return { ...this.state, roles: this.roles } as unknown as { readonly [key: string]: Json }
  }
}
