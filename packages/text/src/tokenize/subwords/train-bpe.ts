import { type SubwordTrainingOptions, trainingOf, type WordCounts } from './training.js'

/** What training found: subwords in the order of their ids, and which two make which, in order. */
export interface Bpe {
  readonly vocab: readonly string[]
  readonly merges: readonly (readonly [string, string])[]
}

/** Learns byte-pair encoding from words and how often each occurs: the most frequent pair becomes one, again and again. */
export function trainBpe(counts: WordCounts, options: SubwordTrainingOptions = {}): Bpe {
  const { special, words, letters, vocabSz } = trainingOf(counts, options)
  const vocab = new Set([...special, ...letters])
  const pairs = new Pairs(
    words.map(([word, n]) => ({ parts: [...word], n })),
    new Set(letters),
  )
  const merges: (readonly [string, string])[] = []
  while (vocab.size < vocabSz) {
    const pair = pairs.takeBest()
    if (!pair) break
    merges.push(pair)
    vocab.add(pair[0] + pair[1])
  }
  return { vocab: [...vocab], merges }
}

interface Word {
  parts: string[]
  readonly n: number
}

interface Counted {
  readonly pair: readonly [string, string]
  readonly n: number
}

/** The pairs of neighbours within words. A heap knows the most frequent one; entries whose count has changed are renewed. */
class Pairs {
  readonly #counts = new Map<string, number>()
  readonly #places = new Map<string, Set<number>>()
  readonly #heap: Counted[] = []

  constructor(
    readonly words: readonly Word[],
    readonly letters: ReadonlySet<string>,
  ) {
    for (const i of words.keys()) this.#count(i, 1)
    for (const [key, n] of this.#counts) this.#push({ pair: pairOf(key), n })
  }

  /** The pair that occurs most often, of equal ones the first by their letters; it is one from now on. */
  takeBest(): readonly [string, string] | undefined {
    for (;;) {
      const best = this.#pop()
      if (!best) return undefined
      const n = this.#counts.get(keyOf(best.pair)) ?? 0
      if (n !== best.n) {
        if (n > 0) this.#push({ pair: best.pair, n })
        continue
      }
      if (n < 2) return undefined
      this.#merge(best.pair)
      return best.pair
    }
  }

  #merge([a, b]: readonly [string, string]): void {
    const changed = new Set<string>()
    for (const i of [...(this.#places.get(keyOf([a, b])) ?? [])]) {
      const word = this.words[i]!
      this.#count(i, -1)
      const parts: string[] = []
      for (let k = 0; k < word.parts.length; k++) {
        const joins = word.parts[k] === a && word.parts[k + 1] === b
        parts.push(joins ? a + b : word.parts[k]!)
        if (joins) k++
      }
      word.parts = parts
      for (const key of this.#count(i, 1)) changed.add(key)
    }
    for (const key of changed) {
      const pair = pairOf(key)
      if (pair[0] === a + b || pair[1] === a + b) this.#push({ pair, n: this.#counts.get(key)! })
    }
  }

  /** Adds the pairs of a word, or takes them away. */
  #count(i: number, sign: 1 | -1): string[] {
    const { parts, n } = this.words[i]!
    const keys: string[] = []
    for (let k = 1; k < parts.length; k++) {
      const pair = [parts[k - 1]!, parts[k]!] as const
      if (!this.#isKnown(pair[0]) || !this.#isKnown(pair[1])) continue
      const key = keyOf(pair)
      keys.push(key)
      this.#counts.set(key, (this.#counts.get(key) ?? 0) + sign * n)
      const places = this.#places.get(key) ?? new Set()
      if (sign > 0) places.add(i)
      else places.delete(i)
      this.#places.set(key, places)
    }
    return keys
  }

  /** Rare letters, which are not in the vocabulary, join nothing. */
  #isKnown(part: string): boolean {
    return part.length > 2 || this.letters.has(part) || [...part].every((letter) => this.letters.has(letter))
  }

  #push(entry: Counted): void {
    const heap = this.#heap
    let at = heap.push(entry) - 1
    for (let up = (at - 1) >> 1; at > 0 && before(heap[at]!, heap[up]!); up = (at - 1) >> 1) {
      ;[heap[at], heap[up]] = [heap[up]!, heap[at]!]
      at = up
    }
  }

  #pop(): Counted | undefined {
    const heap = this.#heap
    const [top] = heap
    const last = heap.pop()
    if (heap.length === 0 || !last) return top
    heap[0] = last
    for (let at = 0; ; ) {
      let least = at
      for (const child of [2 * at + 1, 2 * at + 2]) {
        if (child < heap.length && before(heap[child]!, heap[least]!)) least = child
      }
      if (least === at) return top
      ;[heap[at], heap[least]] = [heap[least]!, heap[at]!]
      at = least
    }
  }
}

function before(a: Counted, b: Counted): boolean {
  if (a.n !== b.n) return a.n > b.n
  return a.pair[0] !== b.pair[0] ? a.pair[0] < b.pair[0] : a.pair[1] < b.pair[1]
}

const keyOf = ([a, b]: readonly [string, string]) => `${a} ${b}`
const pairOf = (key: string) => key.split(' ') as [string, string]
