import { checkOptions } from '@espalier/data'
import { Column, type Numbers } from './column.js'
import { Frame } from './frame.js'

/** What is made smaller. */
export interface DfShrinkOptions {
  /** Columns that are left as they are. */
  readonly skip?: readonly string[]
  /** Uses unsigned types for whole numbers of which none is below 0. Default false. */
  readonly int2uint?: boolean
}

/**
 * A frame in less memory (fastai's `df_shrink`): whole numbers in the smallest type that holds them, other numbers as
 * float32, unless they are whole and too large for it. Texts are categories here in any case.
 */
export function dfShrink(frame: Frame, options: DfShrinkOptions = {}): Frame {
  checkOptions('dfShrink', options, ['skip', 'int2uint'])
  const { skip = [], int2uint = false } = options
  const shrunk = (name: string) => {
    const column = frame.column(name)
    return skip.includes(name) || column.kind !== 'number' ? column : shrink(column, int2uint)
  }
  return new Frame(new Map(frame.names.map((name) => [name, shrunk(name)])))
}

function shrink(column: Column, int2uint: boolean): Column {
  const { data, mask } = column
  if (column.isFloat) return isLarge(data) ? column : new Column('number', Float32Array.from(data))
  let [low, high] = [0, 0]
  for (let i = 0; i < data.length; i++) {
    low = Math.min(low, data[i]!)
    high = Math.max(high, data[i]!)
  }
  return new Column('number', arrayFor(low, high, int2uint).from(data) as Numbers, [], mask)
}

/** Whether all numbers are whole, some of them too large for a float32: ids that must stay apart. */
function isLarge(data: Numbers): boolean {
  let large = false
  for (let i = 0; i < data.length; i++) {
    const v = data[i]!
    if (Number.isNaN(v)) continue
    if (!Number.isInteger(v)) return false
    if (Math.abs(v) > 2 ** 24) large = true
  }
  return large
}

/** numpy's type for whole numbers between two bounds. */
function arrayFor(low: number, high: number, unsigned: boolean) {
  if (unsigned && low >= 0) return high < 2 ** 8 ? Uint8Array : high < 2 ** 16 ? Uint16Array : Uint32Array
  if (low >= -(2 ** 7) && high < 2 ** 7) return Int8Array
  if (low >= -(2 ** 15) && high < 2 ** 15) return Int16Array
  return low >= -(2 ** 31) && high < 2 ** 31 ? Int32Array : Float64Array
}
