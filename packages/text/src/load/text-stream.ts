import { type Dataset, EspalierError, type NdArray, ndArray, Random, reasonOf } from '@espalier/data'

/** Texts that are put one behind the other: how many tokens each has, and the ids of a part of one. */
export interface TextParts {
  readonly lens: ArrayLike<number>
  /** The ids of a text. */
  read(index: number): Int32Array | Promise<Int32Array>
  /** How a text is called in a message. */
  id?(index: number): string
}

/** How a stream is read. */
export interface StreamOptions {
  readonly bs: number
  readonly seqLen: number
}

/**
 * Texts as one stream of tokens, cut into `bs` rows of equal length that are read `seqLen` tokens at a time: sample
 * `k · bs + r` is window k of row r, `[seqLen]` tokens and the same moved on by one. What does not fill the rows is left
 * out; the last window may be shorter.
 */
export class TextStream implements Dataset {
  /** The length of a row. */
  readonly rowLength: number
  readonly windows: number
  /** The length of the last window. */
  readonly lastLength: number
  /** Where each text begins, and where the last one ends; in the order of this stream. */
  readonly #begins: Float64Array
  readonly #order: ArrayLike<number>
  /** The text that each row reads last. */
  readonly #open = new Map<
    number,
    { readonly text: number; readonly ids: Promise<Int32Array> | Int32Array }
  >()

  constructor(
    readonly texts: TextParts,
    readonly options: StreamOptions,
    order: ArrayLike<number> = Array.from({ length: texts.lens.length }, (_, i) => i),
  ) {
    const { bs, seqLen } = options
    this.#order = order
    this.#begins = new Float64Array(order.length + 1)
    for (let i = 0; i < order.length; i++) this.#begins[i + 1] = this.#begins[i]! + texts.lens[order[i]!]!
    const total = this.#begins[order.length]!
    this.rowLength = Math.max(0, Math.floor((total - 1) / bs))
    this.windows = Math.ceil(this.rowLength / seqLen)
    this.lastLength = this.rowLength - (this.windows - 1) * seqLen
  }

  /** The same texts in the order of an epoch. */
  shuffled(seed: number, epoch: number): TextStream {
    const order = new Random(seed, 'texts', epoch).permutation(this.texts.lens.length)
    return new TextStream(this.texts, this.options, order)
  }

  get length(): number {
    return this.windows * this.options.bs
  }

  id(index: number): string {
    const { bs } = this.options
    return `window ${Math.floor(index / bs)} of row ${index % bs}`
  }

  async sample(index: number): Promise<readonly [NdArray<'int32'>, NdArray<'int32'>]> {
    const { bs, seqLen } = this.options
    const [window, row] = [Math.floor(index / bs), index % bs]
    const n = window === this.windows - 1 ? this.lastLength : seqLen
    const ids = await this.#tokens(row, row * this.rowLength + window * seqLen, n + 1)
    return [ndArray('int32', [n], ids.slice(0, n), 'text'), ndArray('int32', [n], ids.slice(1), 'text')]
  }

  /** What the stream is made of: the texts, in their own order. */
  async *fingerprint(): AsyncIterable<Uint8Array> {
    for (let i = 0; i < this.texts.lens.length; i++) {
      const ids = await this.texts.read(i)
      yield new Uint8Array(ids.buffer, ids.byteOffset, ids.byteLength)
    }
  }

  async #tokens(row: number, from: number, n: number): Promise<Int32Array> {
    const made = new Int32Array(n)
    let filled = 0
    for (let place = this.#placeOf(from); filled < n; place++) {
      const ids = await this.#text(row, this.#order[place]!)
      const part = ids.subarray(from + filled - this.#begins[place]!).subarray(0, n - filled)
      made.set(part, filled)
      filled += part.length
    }
    return made
  }

  async #text(row: number, text: number): Promise<Int32Array> {
    const open = this.#open.get(row)
    const ids = open?.text === text ? open.ids : this.#read(text)
    if (open?.text !== text) this.#open.set(row, { text, ids })
    const read = await ids
    if (read.length === this.texts.lens[text]) return read
    throw new EspalierError(
      'text/changed',
      `${this.#name(text)} has ${read.length} tokens now, it had ${this.texts.lens[text]} when the loaders were made`,
      { fix: 'make the loaders again' },
    )
  }

  async #read(text: number): Promise<Int32Array> {
    try {
      return await this.texts.read(text)
    } catch (error) {
      if (error instanceof EspalierError) throw error
      throw new EspalierError('text/read', `reading ${this.#name(text)}: ${reasonOf(error)}`, {
        cause: error,
      })
    }
  }

  #name(text: number): string {
    return this.texts.id?.(text) ?? `text ${text}`
  }

  /** The text in which a token of the stream lies. */
  #placeOf(token: number): number {
    let [lo, hi] = [0, this.#order.length - 1]
    while (lo < hi) {
      const middle = (lo + hi + 1) >> 1
      if (this.#begins[middle]! <= token) lo = middle
      else hi = middle - 1
    }
    return lo
  }
}
