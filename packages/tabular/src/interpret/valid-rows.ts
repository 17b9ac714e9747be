import type { AnyModule, Learner } from '@espalier/core'
import { type DataLoader, EspalierError, listed, type NdArray } from '@espalier/data'
import { TableDataset } from '../data/table-dataset.js'
import { TabularDataLoaders } from '../data/tabular-data-loaders.js'

/** Any learner of rows. */
export type RowLearner = Learner<AnyModule, unknown>

/** The validation rows of a learner as arrays, and how loaders of altered ones are made. */
export interface ValidRows {
  readonly dls: TabularDataLoaders
  readonly n: number
  /** Codes and numbers, those that there are, and the target: `[n, …]` each. */
  readonly arrays: readonly NdArray[]
  loader(arrays: readonly NdArray[], rows?: Int32Array): DataLoader<readonly NdArray[]>
}

/** Reads the validation rows; throws where there are none, as of a learner that was loaded. */
export function validRows({ dls }: RowLearner): ValidRows {
  const dataset = dls.valid?.dataset
  if (!(dls instanceof TabularDataLoaders) || !(dataset instanceof TableDataset) || dataset.length === 0) {
    throw new EspalierError('tabular/no-rows', 'there are no validation rows to look at', {
      fix: 'use the learner that was trained: an exported one brings no rows along',
    })
  }
  const n = dataset.length
  const every = Int32Array.from({ length: n }, (_, i) => i)
  return {
    dls,
    n,
    arrays: dataset.batch([...every]),
    loader: (arrays, rows = every) => dls.valid.with({}, new TableDataset(arrays, rows)),
  }
}

/** Where a raw column lies: its places among the codes and among the numbers, its flag for missing values included. */
export function placesOf(dls: TabularDataLoaders, column: string) {
  const { cats, conts } = dls.procs.input
  if (![...cats, ...conts].includes(column)) {
    throw new EspalierError('tabular/column', `the model does not look at a column '${column}'`, {
      fix: `it looks at ${listed([...cats, ...conts], 12)}`,
    })
  }
  const flag = cats.includes(`${column}_na`) ? -1 : dls.catNames.indexOf(`${column}_na`)
  return {
    cats: [dls.catNames.indexOf(column), flag].filter((i) => i >= 0),
    conts: [dls.contNames.indexOf(column)].filter((i) => i >= 0),
  }
}

/** The arrays with some columns of codes and numbers changed: `change` gets the old value and the row. */
export function withColumn(
  { dls, arrays }: Pick<ValidRows, 'dls' | 'arrays'>,
  places: ReturnType<typeof placesOf>,
  change: (value: number, row: number, at: (row: number) => number) => number,
): NdArray[] {
  const nCat = Number(dls.catNames.length > 0)
  const columns = [...(nCat ? [places.cats] : []), ...(dls.contNames.length > 0 ? [places.conts] : [])]
  return arrays.map((array, k) => {
    const changed = columns[k] ?? []
    if (changed.length === 0) return array
    const width = array.shape[1]!
    const data = array.data.slice()
    for (const c of changed) {
      const at = (row: number) => array.data[row * width + c]!
      for (let i = 0; i * width < data.length; i++) data[i * width + c] = change(at(i), i, at)
    }
    return { ...array, data } as NdArray
  })
}
