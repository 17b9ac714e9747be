import { Column } from '../frame/column.js'
import { ByteTexts } from './byte-texts.js'
import { Grown } from './grown.js'
import { parseNumber } from './parse-number.js'

/** What a cell did to a column: it was added, or the column is not of its kind. */
export type Added = true | false

/** Adds the cells of a column, given as bytes. */
export interface ColumnBuilder {
  /** False where the bytes are not of the column's kind: nothing was added. */
  add(bytes: Uint8Array, start: number, end: number): Added
  addMissing(): void
  finish(): Column
}

/** Numbers: int32 where all are whole, fit, and are written without a point, else float64. */
export class NumberBuilder implements ColumnBuilder {
  readonly #values = new Grown(Float64Array)
  #whole = true
  #missing = false

  /** `infinite` says what an infinite number becomes; undefined: it is refused. */
  constructor(readonly infinite: 'missing' | 'keep' | 'error') {}

  add(bytes: Uint8Array, start: number, end: number): Added {
    const value = parseNumber(bytes, start, end)
    if (value - value !== 0) return this.#addOdd(bytes, start, end)
    if (value !== (value | 0) || (value === 0 && bytes[start] === 45)) {
      // A whole number beyond 2^53 is not the one that was written.
      if (
        end - start > 15 &&
        !Number.isSafeInteger(value) &&
        Number.isInteger(value) &&
        isDigits(bytes, start, end)
      )
        return false
      this.#whole = false
    } else if (this.#whole && hasPoint(bytes, start, end)) this.#whole = false
    this.#values.push(value)
    return true
  }

  addMissing(): void {
    this.#missing = true
    this.#values.push(Number.NaN)
  }

  #addOdd(bytes: Uint8Array, start: number, end: number): Added {
    const sign = infinityOf(bytes, start, end)
    if (sign === 0 || this.infinite === 'error') return false
    if (this.infinite === 'missing') this.addMissing()
    else {
      this.#whole = false
      this.#values.push(sign * Number.POSITIVE_INFINITY)
    }
    return true
  }

  finish(): Column {
    if (!this.#whole) return new Column('number', this.#values.into(Float64Array))
    if (!this.#missing) return new Column('number', this.#values.into(Int32Array))
    const values = this.#values.into(Float64Array)
    if (values.every(Number.isNaN)) return new Column('number', values)
    const mask = Uint8Array.from(values, (v) => Number(Number.isNaN(v)))
    return new Column('number', Int32Array.from(values), [], mask)
  }
}

/** Texts by their codes. */
export class TextBuilder implements ColumnBuilder {
  readonly #codes = new Grown(Int32Array)
  readonly #texts: ByteTexts

  constructor(naValues: readonly string[]) {
    this.#texts = new ByteTexts(naValues)
  }

  add(bytes: Uint8Array, start: number, end: number): Added {
    this.#codes.push(this.#texts.codeOf(bytes, start, end))
    return true
  }

  addMissing(): void {
    this.#codes.push(-1)
  }

  finish(): Column {
    return new Column('text', this.#codes.into(Int32Array), this.#texts.vocab)
  }
}

/** `true` and `false`, as they are usually written. */
export class BoolBuilder implements ColumnBuilder {
  readonly #values = new Grown(Uint8Array)

  add(bytes: Uint8Array, start: number, end: number): Added {
    const value = boolOf(bytes, start, end)
    if (value === undefined) return false
    this.#values.push(value)
    return true
  }

  addMissing(): void {
    this.#values.push(2)
  }

  finish(): Column {
    const data = this.#values.into(Uint8Array)
    if (!data.includes(2)) return new Column('bool', data)
    return new Column(
      'bool',
      data.map((v) => v & 1),
      [],
      data.map((v) => v >> 1),
    )
  }
}

/** Dates in one form. */
export class DateBuilder implements ColumnBuilder {
  readonly #values = new Grown(Float64Array)
  readonly #texts = new ByteTexts()
  readonly #times: number[] = []

  constructor(readonly parse: (text: string) => number) {}

  add(bytes: Uint8Array, start: number, end: number): Added {
    const code = this.#texts.codeOf(bytes, start, end)
    this.#times[code] ??= this.parse(this.#texts.vocab[code]!)
    const time = this.#times[code]!
    if (Number.isNaN(time)) return false
    this.#values.push(time)
    return true
  }

  addMissing(): void {
    this.#values.push(Number.NaN)
  }

  finish(): Column {
    return new Column('date', this.#values.into(Float64Array))
  }
}

/** 1 or −1 for `inf`, `infinity` and their signs, else 0. */
export function infinityOf(bytes: Uint8Array, start: number, end: number): number {
  const sign = bytes[start] === 45 ? -1 : 1
  const from = bytes[start] === 45 || bytes[start] === 43 ? start + 1 : start
  const n = end - from
  if (n !== 3 && n !== 8) {
    // Digits may add up to more than a double holds.
    return n > 3 && Math.abs(parseNumber(bytes, start, end)) === Number.POSITIVE_INFINITY ? sign : 0
  }
  for (let i = 0; i < n; i++) if ((bytes[from + i]! | 32) !== 'infinity'.charCodeAt(i)) return 0
  return sign
}

/** 1 for `true`, 0 for `false`, in small letters, capitals, or with a capital first. */
function boolOf(bytes: Uint8Array, start: number, end: number): 0 | 1 | undefined {
  const word = end - start === 4 ? 'true' : end - start === 5 ? 'false' : undefined
  if (!word) return undefined
  for (let i = 0; i < word.length; i++) if ((bytes[start + i]! | 32) !== word.charCodeAt(i)) return undefined
  return word === 'true' ? 1 : 0
}

/** A number that is written with a point is one of a column of fractions, `41.0` too. */
function hasPoint(bytes: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (bytes[i] === 46) return true
  return false
}

function isDigits(bytes: Uint8Array, start: number, end: number): boolean {
  for (let i = start + (bytes[start] === 45 || bytes[start] === 43 ? 1 : 0); i < end; i++) {
    const c = bytes[i]!
    if (c < 48 || c > 57) return false
  }
  return true
}
