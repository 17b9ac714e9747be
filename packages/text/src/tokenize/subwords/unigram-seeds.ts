import { Lattice, type Reading } from './lattice.js'
import { mayJoin } from './scripts.js'
import type { Training } from './training.js'

/** What a unigram model is made out of: many pieces, and all ways to divide the words into them. */
export interface Seeds {
  readonly pieces: readonly string[]
  /** How often each piece occurs, times its letters. */
  readonly weights: readonly number[]
  readonly lattice: Lattice
}

const longestPiece = 16
const mostPieces = 1_000_000

/**
 * Pieces to begin with: letters, and all parts of words that occur twice or more, unless the same letter always comes
 * next (Kudo 2018). The readings of a word are walks through the tree of these parts.
 */
export function unigramSeeds({ words, letters }: Training): Seeds {
  const tree = new PartTree(words, new Set(letters))
  const found = tree.branching().sort((a, b) => tree.weight(b) - tree.weight(a) || a - b)
  const nodes = [...letters.flatMap((letter) => tree.letter(letter) ?? []), ...found].slice(0, mostPieces)
  const pieceOf = new Int32Array(tree.size).fill(-1)
  for (const [piece, node] of nodes.entries()) pieceOf[node] = piece
  return {
    pieces: nodes.map((node) => tree.text(node)),
    weights: nodes.map((node) => tree.weight(node)),
    lattice: new Lattice(
      tree.words.map((word) => tree.readings(word, pieceOf)),
      words.map(([, n]) => n),
      tree.words.map((word) => word.length),
    ),
  }
}

/** The parts of words that occur twice or more, each a node below the part without its last letter. */
class PartTree {
  /** The nodes of each word's letters. */
  readonly words: readonly Int32Array[]
  readonly #alphabet = new Map<string, number>()
  readonly #letters: string[] = []
  /** By parent and letter. */
  readonly #children = new Map<number, number>()
  readonly #parent: number[] = []
  readonly #last: number[] = []
  readonly #counts: number[] = []
  readonly #lengths: number[] = []

  /** `letters`: those that parts are made of. */
  constructor(
    words: Training['words'],
    readonly letters: ReadonlySet<string>,
  ) {
    this.words = words.map(([word]) => Int32Array.from([...word], (letter) => this.#letterOf(letter)))
    const ends = this.words.map((word) => word.slice())
    for (const [w, word] of this.words.entries()) for (const node of word) this.#counts[node]! += words[w]![1]
    for (let length = 2; length <= longestPiece; length++) {
      const before = this.size
      for (const [w, word] of this.words.entries()) this.#grow(word, ends[w]!, words[w]![1], length)
      if (this.size === before) break
    }
  }

  get size(): number {
    return this.#counts.length
  }

  /** The node of a letter. */
  letter(letter: string): number | undefined {
    return this.#alphabet.get(letter)
  }

  weight(node: number): number {
    return this.#counts[node]! * this.#lengths[node]!
  }

  text(node: number): string {
    const parent = this.#parent[node]!
    return (parent < 0 ? '' : this.text(parent)) + this.#letters[this.#last[node]!]
  }

  /** The parts of several letters after which not always the same letter comes. */
  branching(): number[] {
    const most = new Array<number>(this.size).fill(0)
    for (const [node, parent] of this.#parent.entries()) {
      if (parent >= 0) most[parent] = Math.max(most[parent]!, this.#counts[node]!)
    }
    return [...most.keys()].filter(
      (node) => this.#lengths[node]! > 1 && this.#counts[node]! > 1 && this.#counts[node]! > most[node]!,
    )
  }

  /** All readings of a word as pieces. */
  readings(word: Int32Array, pieceOf: Int32Array): Reading[] {
    const found: Reading[] = []
    for (let start = 0; start < word.length; start++) {
      let node: number | undefined = word[start]!
      found.push({ start, end: start + 1, piece: pieceOf[node]! })
      for (let at = start + 1; at < word.length; at++) {
        node = this.#children.get(this.#key(node, word[at]!))
        if (node === undefined) break
        if (pieceOf[node]! >= 0) found.push({ start, end: at + 1, piece: pieceOf[node]! })
      }
    }
    return found
  }

  /** Makes parts that end at a place one letter longer; `ends` holds for each place the part that began there. */
  #grow(word: Int32Array, ends: Int32Array, n: number, length: number): void {
    for (let i = 0; i + length <= word.length; i++) {
      const [part, next, last] = [ends[i]!, ends[i + 1]!, word[i + length - 1]!]
      // A part is frequent only where the parts without its first and without its last letter are.
      const frequent = part >= 0 && next >= 0 && this.#counts[part]! > 1 && this.#counts[next]! > 1
      if (!frequent || (length === 2 && !this.#mayJoin(part, last))) ends[i] = -1
      else {
        const node = this.#child(part, last, length)
        this.#counts[node]! += n
        ends[i] = node
      }
    }
  }

  #mayJoin(part: number, last: number): boolean {
    const [a, b] = [this.#letters[part]!, this.#letters[last]!]
    return this.letters.has(a) && this.letters.has(b) && mayJoin(a, b)
  }

  #child(parent: number, last: number, length: number): number {
    const key = this.#key(parent, last)
    const known = this.#children.get(key)
    if (known !== undefined) return known
    const node = this.#add(parent, last, length)
    this.#children.set(key, node)
    return node
  }

  #letterOf(letter: string): number {
    const known = this.#alphabet.get(letter)
    if (known !== undefined) return known
    const node = this.#add(-1, this.#letters.length, 1)
    this.#letters.push(letter)
    this.#alphabet.set(letter, node)
    return node
  }

  #add(parent: number, last: number, length: number): number {
    this.#parent.push(parent)
    this.#last.push(last)
    this.#lengths.push(length)
    return this.#counts.push(0) - 1
  }

  /** All letters are known before any part of two. */
  #key(parent: number, last: number): number {
    return parent * this.#letters.length + last
  }
}
