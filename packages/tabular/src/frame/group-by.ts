import { EspalierError } from '@espalier/data'
import { Column, type Columns } from './column.js'
import type { Frame } from './frame.js'
import { keysOf } from './keys.js'
import { meanOf, quantile, stdOf } from './statistics.js'

/** What can be said of the values of a group; missing ones do not count. */
export type Aggregate = 'count' | 'sum' | 'mean' | 'std' | 'min' | 'max' | 'median' | 'nunique' | 'first'

/** Columns of the result: `'count'` counts rows, others say of which column what. */
export type Aggregations = Readonly<Record<string, 'count' | readonly [column: string, aggregate: Aggregate]>>

/** Rows that hold the same in some columns, as one. */
export interface GroupedFrame {
  /** The places of the rows of each group, in the order in which groups come. */
  readonly groups: readonly (readonly number[])[]
  /**
   * One row for each group.
   *
   * @example
   * frame.groupBy('job').agg({ people: 'count', age: ['age', 'mean'] })
   */
  agg(columns: Aggregations): Frame
}

/** The places of the rows that hold the same in some columns. */
export function groupsOf(frame: Frame, by: readonly string[]): number[][] {
  const key = keysOf(by.map((name) => frame.column(name)))
  const groups = new Map<string, number[]>()
  for (let i = 0; i < frame.length; i++) {
    const k = key(i)
    const found = groups.get(k)
    if (found) found.push(i)
    else groups.set(k, [i])
  }
  return [...groups.values()]
}

/** A row for each group: what it has in common, and what is said of the rest. */
export function aggregated(
  frame: Frame,
  by: readonly string[],
  groups: readonly (readonly number[])[],
  columns: Aggregations,
): Columns {
  const heads = groups.map((group) => group[0]!)
  return new Map([
    ...by.map((name) => [name, frame.column(name).take(heads)] as const),
    ...Object.entries(columns).map(([name, what]) => [name, aggregate(frame, groups, what)] as const),
  ])
}

function aggregate(frame: Frame, groups: readonly (readonly number[])[], what: Aggregations[string]): Column {
  const counts = (of: readonly (readonly number[])[]) =>
    new Column(
      'number',
      Int32Array.from(of, (g) => g.length),
    )
  if (what === 'count') return counts(groups)
  const [name, how] = what
  const column = frame.column(name)
  const there = groups.map((group) => group.filter((i) => !column.isMissing(i)))
  if (how === 'first') return column.take(there.map((group) => group[0] ?? -1))
  if (how === 'count') return counts(there)
  if (how === 'nunique') return counts(there.map((g) => [...new Set(g.map((i) => column.data[i]!))]))
  const f = column.kind === 'text' ? undefined : ofNumbers[how]
  if (!f) {
    throw new EspalierError('frame/aggregate', `there is no '${how}' of column '${name}' (${column.kind})`, {
      fix: `say one of ${['count', 'first', 'nunique', ...(column.kind === 'text' ? [] : Object.keys(ofNumbers))].join(', ')}`,
    })
  }
  const data = Float64Array.from(there, (g) => f(Float64Array.from(g, (i) => column.data[i]!)))
  return new Column(column.kind === 'date' && how !== 'std' ? 'date' : 'number', data)
}

const ofNumbers: Readonly<Record<string, (values: Float64Array) => number>> = {
  sum: (values) => values.reduce((sum, v) => sum + v, 0),
  mean: meanOf,
  std: (values) => stdOf(values, 1),
  min: (values) => (values.length ? values.reduce((a, b) => Math.min(a, b)) : Number.NaN),
  max: (values) => (values.length ? values.reduce((a, b) => Math.max(a, b)) : Number.NaN),
  median: (values) => quantile(values.sort(), 0.5),
}
