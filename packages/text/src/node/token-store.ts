import type { TokenSource } from '../tokenize/tokens.js'

/** Where the tokens of texts are put as they come. */
export interface TokenStore {
  /** The numbers of the tokens of texts, one after the other, and how many each has. */
  add(ids: Int32Array, lens: Int32Array): void | Promise<void>
  /** All of it, when nothing more comes. */
  finish(words: readonly string[]): TokenSource | Promise<TokenSource>
}

/** Where each text begins, and the last one ends. */
export function beginsOf(lens: ArrayLike<number>): Float64Array {
  const begins = new Float64Array(lens.length + 1)
  for (let i = 0; i < lens.length; i++) begins[i + 1] = begins[i]! + lens[i]!
  return begins
}

/** Keeps tokens in memory, 4 bytes for each. */
export class MemoryStore implements TokenStore {
  readonly #parts: Int32Array[] = []
  readonly #lens: Int32Array[] = []

  add(ids: Int32Array, lens: Int32Array): void {
    this.#parts.push(ids)
    this.#lens.push(lens)
  }

  finish(words: readonly string[]): TokenSource {
    const [data, lens] = [joined(this.#parts), joined(this.#lens)]
    const begins = beginsOf(lens)
    return {
      ...{ length: lens.length, words, lens },
      read: (i) => data.subarray(begins[i]!, begins[i + 1]!),
    }
  }
}

function joined(parts: readonly Int32Array[]): Int32Array {
  const all = new Int32Array(parts.reduce((n, part) => n + part.length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}
