import type { Json, Portable } from '@espalier/data'
import type { Frame } from '../frame/frame.js'

/** Which columns feed the model: through embeddings, or as numbers. */
export interface Roles {
  readonly cats: readonly string[]
  readonly conts: readonly string[]
}

/** A step that has not looked at data yet: it learns what it needs from the rows that train. */
export interface TabularProc {
  readonly name: string
  /** Lower runs first, whatever the order in the list. */
  readonly order: number
  /** `whole` has all rows, validation too: only steps that are told to look at it. */
  fit(train: Frame, roles: Roles, whole: Frame): FittedProc
}

/** How far rows are decoded. */
export interface DecodeRowsOptions {
  /** True leaves what was filled in where values were missing, as fastai does. Default false: they are missing again. */
  readonly filled?: boolean
}

/** A step with what it learned: the same for training, validation and a single row, and written down as JSON. */
export interface FittedProc extends Portable {
  readonly order: number
  /** The columns that feed the model after this step. */
  readonly roles: Roles
  /** Columns that it reads besides those that feed the model. */
  readonly reads?: readonly string[]
  encode(frame: Frame): Frame
  /** Undoes `encode` on the columns that are there. */
  decode(frame: Frame, options?: DecodeRowsOptions): Frame
  toJSON(): { readonly [key: string]: Json }
}
