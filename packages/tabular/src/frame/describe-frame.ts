import { firstPlaces } from './column.js'
import type { Frame } from './frame.js'
import { known, meanOf, quantile, stdOf } from './statistics.js'

/** A row for each column of a frame: what it holds, how much of it is missing, and how it is spread. */
export function describeFrame(frame: Frame): Readonly<Record<string, string | number>>[] {
  return frame.names.map((name) => {
    const column = frame.column(name)
    const missing = column.missing
    const about = { column: name, dtype: column.dtype, count: column.length - missing, missing }
    const unique = firstPlaces(column).length
    if (column.kind !== 'number') return { ...about, unique }
    const values = known(column.numbers()).sort()
    return {
      ...{ ...about, unique, mean: meanOf(values), std: stdOf(values, 1) },
      ...{ min: quantile(values, 0), q25: quantile(values, 0.25), median: quantile(values, 0.5) },
      ...{ q75: quantile(values, 0.75), max: quantile(values, 1) },
    }
  })
}

/** What is said of each column. */
export const descriptions = [
  ...['column', 'dtype', 'count', 'missing', 'unique', 'mean', 'std', 'min', 'q25', 'median', 'q75', 'max'],
]
