import { Column } from '../frame/column.js'
import type { Frame } from '../frame/frame.js'
import { groupsOf } from '../frame/group-by.js'
import { timesOf } from './add-datepart.js'

/** How many rows the sums beside elapsed times go over. */
const span = 7
const day = 86_400_000

/**
 * Adds, for events of some columns of true and false, how many days ago the last one was (`After…`) and how many days
 * off the next one is, as a negative number (`Before…`), 0 where there is none, and how many there were in the seven
 * rows up to and from a date (`…_bw`, `…_fw`): all of it for each value of `baseField` by itself (fastai's
 * `add_elapsed_times`).
 *
 * @example
 * addElapsedTimes(sales, ['promotion', 'holiday'], 'date', 'store')
 */
export function addElapsedTimes(
  frame: Frame,
  fieldNames: string | readonly string[],
  dateField: string,
  baseField: string,
): Frame {
  const fields = [fieldNames].flat()
  const times = timesOf(frame, dateField)
  const groups = groupsOf(frame, [baseField]).map((group) => [...group].sort((a, b) => times[a]! - times[b]!))
  const made: Record<string, Column> = {}
  const events = new Map(fields.map((name) => [name, truths(frame.column(name))]))
  for (const [prefix, back] of [
    ['After', false],
    ['Before', true],
  ] as const) {
    for (const name of fields) made[prefix + name] = elapsed(events.get(name)!, times, groups, back)
  }
  for (const [suffix, back] of [
    ['_bw', false],
    ['_fw', true],
  ] as const) {
    for (const name of fields) made[name + suffix] = rolled(events.get(name)!, groups, back)
  }
  return frame.assign(made)
}

function elapsed(
  events: Uint8Array,
  times: Float64Array,
  groups: readonly (readonly number[])[],
  back: boolean,
): Column {
  const days = new Int32Array(events.length)
  for (const group of groups) {
    let last = Number.NaN
    for (const i of back ? [...group].reverse() : group) {
      if (events[i]) last = times[i]!
      const since = Math.trunc((times[i]! - last) / day)
      days[i] = Number.isNaN(since) ? 0 : since
    }
  }
  return new Column('number', days)
}

function rolled(events: Uint8Array, groups: readonly (readonly number[])[], back: boolean): Column {
  const sums = new Float64Array(events.length)
  for (const group of groups) {
    const order = back ? [...group].reverse() : group
    let sum = 0
    for (const [k, i] of order.entries()) {
      sum += events[i]! - (k >= span ? events[order[k - span]!]! : 0)
      sums[i] = sum
    }
  }
  return new Column('number', sums)
}

/** 1 where a value is there and neither false nor 0 nor an empty text. */
function truths(column: Column): Uint8Array {
  const truth = (i: number) =>
    !column.isMissing(i) && (column.kind === 'text' ? column.at(i) !== '' : column.data[i] !== 0)
  return Uint8Array.from({ length: column.length }, (_, i) => Number(truth(i)))
}
