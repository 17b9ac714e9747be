import type { Column } from './column.js'

/** A text for each row that is the same where some columns hold the same; missing values are the same as each other. */
export function keysOf(columns: readonly Column[]): (i: number) => string {
  return (i) =>
    columns
      .map((c) => {
        const v = c.at(i)
        return v === null
          ? '-'
          : `=${typeof v === 'object' ? v.getTime() : v}`.replaceAll('\u0000', '\u0000\u0000')
      })
      .join('\u0000,')
}
