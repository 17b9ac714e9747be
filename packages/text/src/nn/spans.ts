import type { TypedArray } from '@espalier/data'

/** Where a text lies in its row: from its first token to after its last. Both are 0 where there is none. */
export interface Span {
  readonly start: number
  readonly end: number
}

/** Where the texts of a batch `[b, length]` lie between their padding. */
export function spansOf(ids: TypedArray, [b, length]: readonly [number, number], padIdx: number): Span[] {
  return Array.from({ length: b }, (_, i) => {
    let [start, end] = [i * length, (i + 1) * length]
    while (start < end && ids[start] === padIdx) start++
    while (end > start && ids[end - 1] === padIdx) end--
    return start === end ? { start: 0, end: 0 } : { start: start - i * length, end: end - i * length }
  })
}
