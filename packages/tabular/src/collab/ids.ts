import { describe, EspalierError } from '@espalier/data'
import type { TabularDataLoaders } from '../data/tabular-data-loaders.js'
import { FittedCategorify } from '../procs/categorify.js'

/** How a user or an item is called in the data. */
export type IdOf = string | number

/** Users or items. */
export type Side = 'user' | 'item'

/** The ids of users or of items and their codes, as the training rows have them. */
export class Ids {
  readonly column: string
  /** The ids by their codes; the first stands for the unknown. */
  readonly names: readonly string[]
  readonly #codes: ReadonlyMap<string, number>
  readonly #numbers: boolean
  /** Whether an id that no training row has is an error. */
  readonly strict: boolean

  constructor(
    dls: TabularDataLoaders<number>,
    at: 0 | 1,
    readonly side: Side,
  ) {
    this.column = dls.catNames[at]!
    this.names = dls.classes[this.column]!
    this.#codes = new Map(this.names.map((name, code) => [name, code]))
    const state = dls.procs.step(FittedCategorify)?.state
    this.#numbers = state?.classes[this.column]?.kind === 'number'
    this.strict = state?.unseen === 'error'
  }

  /** The id that a code stands for, a number where the data has numbers. */
  id(code: number): IdOf {
    const name = this.names[code]!
    return this.#numbers ? Number(name) : name
  }

  /** The code of an id; 0 where no training row has it. */
  find(id: IdOf): number {
    return this.#codes.get(String(id)) ?? 0
  }

  /** The codes of ids, each of which a training row must have. */
  codes(ids: readonly IdOf[]): number[] {
    if (!Array.isArray(ids)) {
      throw new EspalierError('collab/ids', `${this.side}s are given as a list, got ${describe(ids)}`, {
        fix: 'put a single one in a list',
      })
    }
    return ids.map((id) => {
      const code = this.find(id)
      if (code > 0) return code
      throw this.unknown(id)
    })
  }

  unknown(id: unknown): EspalierError {
    return new EspalierError(
      'collab/unknown',
      `there is nothing about the ${this.side} ${describe(id)}: none of the training rows has it in '${this.column}'`,
      {
        fix: `ids that only validation rows have are not learned; there are ${this.names.length - 1}, such as ${this.names[1] ?? 'none'}`,
      },
    )
  }
}
