import type { Column } from './column.js'
import { byCodePoint } from './texts.js'

/** The places of rows in the order of some columns, stably; missing values last whatever the direction. */
export function sortedPlaces(columns: readonly Column[], descending = false): Uint32Array {
  const ranks = columns.map(ranksOf)
  const places = new Uint32Array(columns[0]?.length ?? 0)
  for (let i = 0; i < places.length; i++) places[i] = i
  return places.sort((a, b) => {
    for (const rank of ranks) {
      const [x, y] = [rank[a]!, rank[b]!]
      if (x === y || (Number.isNaN(x) && Number.isNaN(y))) continue
      if (Number.isNaN(x)) return 1
      if (Number.isNaN(y)) return -1
      return descending ? y - x : x - y
    }
    return a - b
  })
}

/** Numbers in the order of the values, NaN where they are missing. */
function ranksOf(column: Column): Float64Array {
  if (column.kind !== 'text') return column.numbers()
  const order = column.vocab.map((_, code) => code)
  order.sort((a, b) => byCodePoint(column.vocab[a]!, column.vocab[b]!))
  const rank = new Float64Array(order.length)
  for (const [place, code] of order.entries()) rank[code] = place
  return Float64Array.from(column.data, (code) => (code < 0 ? Number.NaN : rank[code]!))
}
