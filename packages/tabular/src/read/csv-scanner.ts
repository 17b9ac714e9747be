import { EspalierError } from '@espalier/data'
import type { CsvPlan } from './csv-options.js'

const quote = 34
const newline = 10
const carriage = 13

/** Takes the cells of a line, in order. */
export type TakeCell = (column: number, bytes: Uint8Array, start: number, end: number) => void

/**
 * Finds the cells in bytes that come piece by piece (RFC 4180). A line that is not complete waits for the next piece;
 * `cell` gets each cell of a line, `line` the number of its cells, and says whether to go on.
 */
export class CsvScanner {
  #rest: Uint8Array = new Uint8Array(0)
  /** More bytes than this are needed before it is worth looking again. */
  #wanted = 0
  #pieces: Uint8Array[] = []
  #waiting = 0
  #scratch = new Uint8Array(256)
  readonly #delimiter: number
  #stopped = false

  constructor(
    readonly plan: Pick<CsvPlan, 'delimiter' | 'trim' | 'name'>,
    readonly cell: TakeCell,
    readonly line: (cells: number) => boolean,
    /** Where in the table a quote that never ends was opened. */
    readonly place: (column: number) => string,
  ) {
    this.#delimiter = plan.delimiter.charCodeAt(0)
  }

  get stopped(): boolean {
    return this.#stopped
  }

  push(piece: Uint8Array): void {
    this.#pieces.push(piece)
    this.#waiting += piece.length
    if (this.#waiting >= this.#wanted) this.#look(false)
  }

  end(): void {
    this.#look(true)
  }

  #look(last: boolean): void {
    const bytes = joined(this.#rest, this.#pieces)
    this.#pieces = []
    this.#waiting = 0
    const done = this.#scan(bytes, last)
    this.#rest = bytes.subarray(done)
    // Looking again at a long line that is still not complete would cost its length each time.
    this.#wanted = this.#rest.length
  }

  /** Takes all complete lines; where the first that is not begins. */
  #scan(bytes: Uint8Array, last: boolean): number {
    const delimiter = this.#delimiter
    const end = bytes.length
    let begin = 0
    while (begin < end && !this.#stopped) {
      const lineEnd = this.#lineEnd(bytes, begin, last)
      if (lineEnd < 0) return begin
      let stop = lineEnd
      if (stop > begin && bytes[stop - 1] === carriage) stop--
      let column = 0
      if (stop > begin) {
        let at = begin
        for (;;) {
          at =
            bytes[at] === quote ? this.#quoted(bytes, at, stop, column) : this.#plain(bytes, at, stop, column)
          column++
          if (at >= stop || bytes[at] !== delimiter) break
          at++
        }
        this.#stopped = !this.line(column)
      }
      begin = lineEnd + 1
    }
    return Math.min(begin, end)
  }

  /** Where a line ends: a newline outside of quotes; −1 where there is none yet. */
  #lineEnd(bytes: Uint8Array, begin: number, last: boolean): number {
    const delimiter = this.#delimiter
    const end = bytes.length
    let fresh = true
    let column = 0
    for (let i = begin; i < end; i++) {
      const c = bytes[i]!
      if (c === newline) return i
      if (c === carriage && i + 1 < end && bytes[i + 1] !== newline) return i
      if (c === delimiter) {
        fresh = true
        column++
      } else if (fresh && c === quote) {
        fresh = false
        i = closing(bytes, i, end)
        if (i < 0) {
          if (!last) return -1
          throw new EspalierError(
            'csv/quote',
            `${this.plan.name} has a quote that never ends: ${this.place(column)}`,
            {
              fix: 'write a quote within a cell twice, and close each cell that begins with one',
            },
          )
        }
      } else fresh = false
    }
    return last ? end : -1
  }

  #plain(bytes: Uint8Array, start: number, stop: number, column: number): number {
    let end = start
    while (end < stop && bytes[end] !== this.#delimiter) end++
    this.#give(column, bytes, start, end)
    return end
  }

  /** A cell in quotes, which are written twice where they belong to it. */
  #quoted(bytes: Uint8Array, start: number, stop: number, column: number): number {
    const end = closing(bytes, start, stop)
    let n = 0
    let twice = false
    for (let i = start + 1; i < end; i++) if (bytes[i] === quote) twice = true
    if (!twice && (end + 1 === stop || bytes[end + 1] === this.#delimiter)) {
      this.#give(column, bytes, start + 1, end)
      return end + 1
    }
    let after = end + 1
    while (after < stop && bytes[after] !== this.#delimiter) after++
    if (this.#scratch.length < after - start) this.#scratch = new Uint8Array(2 * (after - start))
    for (let i = start + 1; i < after; i++) {
      if (i === end) continue
      this.#scratch[n++] = bytes[i]!
      if (i < end && bytes[i] === quote) i++
    }
    this.#give(column, this.#scratch, 0, n)
    return after
  }

  #give(column: number, bytes: Uint8Array, start: number, end: number): void {
    let from = start
    let to = end
    if (this.plan.trim) {
      while (from < to && isSpace(bytes[from]!)) from++
      while (to > from && isSpace(bytes[to - 1]!)) to--
    }
    this.cell(column, bytes, from, to)
  }
}

/** The quote that ends a cell which begins with one; −1 where there is none. */
function closing(bytes: Uint8Array, start: number, end: number): number {
  for (let i = start + 1; i < end; i++) {
    if (bytes[i] !== quote) continue
    if (bytes[i + 1] !== quote || i + 1 >= end) return i
    i++
  }
  return -1
}

function joined(rest: Uint8Array, pieces: readonly Uint8Array[]): Uint8Array {
  if (rest.length === 0 && pieces.length === 1) return pieces[0]!
  const all = new Uint8Array(pieces.reduce((n, p) => n + p.length, rest.length))
  all.set(rest)
  let at = rest.length
  for (const piece of pieces) {
    all.set(piece, at)
    at += piece.length
  }
  return all
}

function isSpace(c: number): boolean {
  return c === 32 || c === 9
}
