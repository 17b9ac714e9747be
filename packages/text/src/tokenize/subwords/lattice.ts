/** A way to read a part of a word: as a piece, from its first letter to after its last. */
export interface Reading {
  readonly start: number
  readonly end: number
  /** -1 for a letter that is none of the pieces. */
  readonly piece: number
}

/**
 * All ways to divide words into pieces, side by side: the readings of a word lie together, in the order of where they
 * start. A letter can always be read, as a piece or as unknown.
 */
export class Lattice {
  /** Where the readings of each word begin, and where those of the last one end. */
  readonly first: Int32Array
  #start: Uint16Array
  #length: Uint8Array
  #piece: Int32Array

  constructor(
    words: readonly (readonly Reading[])[],
    /** How often each word occurs. */
    readonly counts: readonly number[],
    /** How many letters each has. */
    readonly sizes: readonly number[],
  ) {
    this.first = new Int32Array(words.length + 1)
    for (const [w, readings] of words.entries()) this.first[w + 1] = this.first[w]! + readings.length
    const total = this.first[words.length]!
    this.#start = new Uint16Array(total)
    this.#length = new Uint8Array(total)
    this.#piece = new Int32Array(total)
    let at = 0
    for (const readings of words) {
      for (const { start, end, piece } of readings) {
        this.#start[at] = start
        this.#length[at] = end - start
        this.#piece[at++] = piece
      }
    }
  }

  start(reading: number): number {
    return this.#start[reading]!
  }

  end(reading: number): number {
    return this.#start[reading]! + this.#length[reading]!
  }

  piece(reading: number): number {
    return this.#piece[reading]!
  }

  /** Forgets pieces; `renamed` says what each is called from now on, -1 that it is gone. */
  keep(renamed: Int32Array): void {
    let to = 0
    for (let w = 0, from = 0; w < this.counts.length; w++) {
      for (const after = this.first[w + 1]!; from < after; from++) {
        const old = this.#piece[from]!
        const piece = old < 0 ? -1 : renamed[old]!
        if (piece < 0 && this.#length[from]! > 1) continue
        this.#start[to] = this.#start[from]!
        this.#length[to] = this.#length[from]!
        this.#piece[to++] = piece
      }
      this.first[w + 1] = to
    }
    this.#start = this.#start.slice(0, to)
    this.#length = this.#length.slice(0, to)
    this.#piece = this.#piece.slice(0, to)
  }
}
