import { Table } from '@espalier/core'
import type { Value } from './column.js'
import type { Frame } from './frame.js'

/** A frame as a table of results. */
export function tableOf(frame: Frame): Table {
  const columns = frame.names.map((name) => frame.column(name))
  const rows = Array.from({ length: frame.length }, (_, i) => columns.map((c) => cellOf(c.at(i))))
  return new Table(frame.names, rows)
}

/** A value as a person reads it; empty where it is missing. */
export function textOf(value: Value): string {
  if (value === null) return ''
  if (!(value instanceof Date)) return String(value)
  return value
    .toISOString()
    .replace('T00:00:00.000Z', '')
    .replace(/(\.000)?Z$/, '')
    .replace('T', ' ')
}

function cellOf(value: Value): string | number {
  return typeof value === 'number' ? Number(value.toPrecision(7)) : textOf(value)
}
