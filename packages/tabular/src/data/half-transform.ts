import { describe, EspalierError, type NdArray, row, type Transform } from '@espalier/data'
import { textOf } from '../frame/table-of.js'
import { procsFromJson } from '../procs/from-json.js'
import type { TabularProcs } from '../procs/tabular-procs.js'

/** Which part of a row a model takes. */
export type Half = 'cats' | 'conts'

/** The columns of targets, and what takes a text of several labels apart. */
export interface TargetColumns {
  readonly yNames: readonly string[]
  readonly labelDelim?: string
}

/** A raw row → its codes or its numbers, for a row at a time: what an exported model brings along. */
export class HalfTransform implements Transform<Readonly<Record<string, unknown>>, NdArray> {
  readonly name: 'tabularCats' | 'tabularConts'

  constructor(
    readonly half: Half,
    readonly procs: TabularProcs,
    /** Where targets are read in new rows. */
    readonly y: TargetColumns,
  ) {
    this.name = half === 'cats' ? 'tabularCats' : 'tabularConts'
  }

  accepts(x: unknown): boolean {
    return typeof x === 'object' && x !== null
  }

  encode(x: Readonly<Record<string, unknown>>): NdArray {
    if (!this.accepts(x)) {
      throw new EspalierError(
        'tabular/row',
        `a row is an object with a key for each column, got ${describe(x)}`,
      )
    }
    return row(this.procs.halves(x)[this.half] as NdArray, 0)
  }

  show(values: NdArray) {
    const frame = this.procs.rowsOf({ [this.half]: { ...values, shape: [1, ...values.shape] } })
    return {
      text: frame.names.map((name) => `${name} ${textOf(frame.column(name).at(0)) || '#na#'}`).join(', '),
    }
  }

  toJSON() {
    return { procs: this.procs.toJSON(), y: { ...this.y } }
  }
}

/** Makes the half again from what its `toJSON` wrote. */
export function halfFromJson(
  half: Half,
  { procs, y }: { readonly procs?: unknown; readonly y?: unknown },
): HalfTransform {
  const { yNames, labelDelim } = (y ?? {}) as { readonly yNames?: unknown; readonly labelDelim?: unknown }
  const names = Array.isArray(yNames) && yNames.every((name) => typeof name === 'string') ? yNames : []
  const columns = { yNames: names, ...(typeof labelDelim === 'string' && { labelDelim }) }
  return new HalfTransform(half, procsFromJson(procs), columns)
}
