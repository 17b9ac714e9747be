import { Column } from '../frame/column.js'
import { columnOf } from '../frame/column-of.js'

/** A column of values that come in parts; `float` keeps numbers floats even where all of them are whole. */
export function columnFromParts(name: string, parts: readonly ArrayLike<unknown>[], float: boolean): Column {
  const column = columnOf(
    parts.flatMap((part) => Array.from(part)),
    name,
  )
  return float && column.kind === 'number' ? new Column('number', column.numbers()) : column
}
