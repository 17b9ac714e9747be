/** What a cell of a frame holds; null where it is missing. */
export type Value = number | string | boolean | Date | null

/** What a column holds: numbers, texts from a vocabulary, booleans, or moments in time (UTC). */
export type ColumnKind = 'number' | 'text' | 'bool' | 'date'

/** The arrays that numbers may lie in. */
export type Numbers =
  | Float64Array
  | Float32Array
  | Int32Array
  | Int16Array
  | Int8Array
  | Uint32Array
  | Uint16Array
  | Uint8Array

/**
 * A column of a frame over typed arrays: about as large as what it holds. Texts are codes of a vocabulary, −1 where
 * they are missing; dates are milliseconds since 1970; of floats and dates NaN is missing, of whole numbers and
 * booleans what the mask says.
 */
export class Column {
  constructor(
    readonly kind: ColumnKind,
    readonly data: Numbers,
    /** The texts that codes stand for. */
    readonly vocab: readonly string[] = [],
    /** 1 where a whole number or a boolean is missing. */
    readonly mask?: Uint8Array | undefined,
  ) {}

  get length(): number {
    return this.data.length
  }

  /** The name of the element type, as `df_shrink` would say it: `int8`, `float32`, `category`, `bool`, `date`. */
  get dtype(): string {
    if (this.kind === 'text') return 'category'
    if (this.kind !== 'number') return this.kind
    return this.data.constructor.name.replace('Array', '').toLowerCase()
  }

  get isFloat(): boolean {
    return this.data instanceof Float64Array || this.data instanceof Float32Array
  }

  isMissing(i: number): boolean {
    if (this.kind === 'text') return this.data[i]! < 0
    return this.mask ? this.mask[i] === 1 : Number.isNaN(this.data[i]!)
  }

  /** How many cells are missing. */
  get missing(): number {
    let n = 0
    for (let i = 0; i < this.length; i++) if (this.isMissing(i)) n++
    return n
  }

  at(i: number): Value {
    if (i < 0 || i >= this.length || this.isMissing(i)) return null
    const v = this.data[i]!
    if (this.kind === 'number') return v
    if (this.kind === 'text') return this.vocab[v]!
    return this.kind === 'bool' ? v === 1 : new Date(v)
  }

  /** All cells, one after the other. */
  values(): Value[] {
    return Array.from({ length: this.length }, (_, i) => this.at(i))
  }

  /** The numbers of a column that holds numbers, booleans or dates, NaN where they are missing. */
  numbers(): Float64Array {
    const out = Float64Array.from(this.data)
    if (this.mask) for (let i = 0; i < out.length; i++) if (this.mask[i]) out[i] = Number.NaN
    return out
  }

  /** The cells at some places; a place below 0 is missing. */
  take(places: ArrayLike<number>): Column {
    const n = places.length
    const data = new (this.data.constructor as new (n: number) => Numbers)(n)
    const holes = !this.mask && this.kind !== 'text' && !this.isFloat && some(places, (i) => i < 0)
    const mask = this.mask || holes ? new Uint8Array(n) : undefined
    const none = this.kind === 'text' ? -1 : this.isFloat ? Number.NaN : 0
    for (let k = 0; k < n; k++) {
      const i = places[k]!
      data[k] = i < 0 ? none : this.data[i]!
      if (mask) mask[k] = i < 0 ? 1 : (this.mask?.[i] ?? 0)
    }
    return new Column(this.kind, data, this.vocab, mask)
  }

  /** The distinct values that are there, in order of their first place. */
  unique(): Exclude<Value, null>[] {
    return firstPlaces(this).map((i) => this.at(i)!)
  }
}

/** Columns by name, in order. */
export type Columns = ReadonlyMap<string, Column>

/** Where each distinct value of a column comes first. */
export function firstPlaces(column: Column): number[] {
  const seen = new Set<number>()
  const places: number[] = []
  for (let i = 0; i < column.length; i++) {
    const v = column.data[i]!
    if (seen.has(v) || column.isMissing(i)) continue
    seen.add(v)
    places.push(i)
  }
  return places
}

function some(places: ArrayLike<number>, test: (i: number) => boolean): boolean {
  for (let k = 0; k < places.length; k++) if (test(places[k]!)) return true
  return false
}
