import type { Lattice } from './lattice.js'

/** A letter that is no piece is much less likely than any. */
const unknown = 10

/** How often each piece is expected, over all ways to divide the words, by the logarithms of how likely pieces are. */
export function expectedCounts(lattice: Lattice, scores: Float64Array): Float64Array {
  const expected = new Float64Array(scores.length)
  const score = scorer(lattice, scores)
  const { first, counts, sizes } = lattice
  const longest = sizes.reduce((most, n) => Math.max(most, n), 0)
  const [forth, back] = [new Float64Array(longest + 1), new Float64Array(longest + 1)]
  for (const [w, size] of sizes.entries()) {
    const [from, to] = [first[w]!, first[w + 1]!]
    forth.fill(Number.NEGATIVE_INFINITY, 0, size + 1)[0] = 0
    back.fill(Number.NEGATIVE_INFINITY, 0, size + 1)[size] = 0
    for (let r = from; r < to; r++) {
      forth[lattice.end(r)] = logAdd(forth[lattice.end(r)]!, forth[lattice.start(r)]! + score(r))
    }
    for (let r = to - 1; r >= from; r--) {
      back[lattice.start(r)] = logAdd(back[lattice.start(r)]!, back[lattice.end(r)]! + score(r))
    }
    for (let r = from; r < to; r++) {
      const piece = lattice.piece(r)
      if (piece < 0) continue
      const likely = Math.exp(forth[lattice.start(r)]! + score(r) + back[lattice.end(r)]! - forth[size]!)
      expected[piece]! += counts[w]! * likely
    }
  }
  return expected
}

/** How often each piece occurs where each word is divided in the likeliest way. */
export function bestCounts(lattice: Lattice, scores: Float64Array): Float64Array {
  const counts = new Float64Array(scores.length)
  const score = scorer(lattice, scores)
  for (const [w, size] of lattice.sizes.entries()) {
    const way = best(lattice, score, {
      from: lattice.first[w]!,
      to: lattice.first[w + 1]!,
      start: 0,
      end: size,
    })
    for (const piece of way.pieces) if (piece >= 0) counts[piece]! += lattice.counts[w]!
  }
  return counts
}

/**
 * What could stand in for each piece: the likeliest way to divide it otherwise, -1 for a letter that is no piece; `better`
 * where that is likelier than the piece, undefined where there is none.
 */
export function alternatives(
  lattice: Lattice,
  scores: Float64Array,
): readonly (readonly number[] | 'better' | undefined)[] {
  const found = new Array<readonly number[] | 'better' | undefined>(scores.length)
  const seen = new Uint8Array(scores.length)
  const score = scorer(lattice, scores)
  for (let w = 0; w < lattice.sizes.length; w++) {
    const [from, to] = [lattice.first[w]!, lattice.first[w + 1]!]
    for (let r = from; r < to; r++) {
      const piece = lattice.piece(r)
      if (piece < 0 || seen[piece]) continue
      seen[piece] = 1
      const [start, end] = [lattice.start(r), lattice.end(r)]
      const way = best(lattice, score, { ...near(lattice, r, { from, to }), start, end, except: r })
      if (way.score > score(r)) found[piece] = 'better'
      else if (way.pieces.length > 0) found[piece] = way.pieces
    }
  }
  return found
}

/** The readings of a word that start where one starts, or within it. */
function near(lattice: Lattice, r: number, { from, to }: { readonly from: number; readonly to: number }) {
  const [start, end] = [lattice.start(r), lattice.end(r)]
  let [first, after] = [r, r + 1]
  while (first > from && lattice.start(first - 1) === start) first--
  while (after < to && lattice.start(after) < end) after++
  return { from: first, to: after }
}

/** A part of a word: its readings from one to before another, its letters likewise, and a reading that does not count. */
interface Part {
  readonly from: number
  readonly to: number
  readonly start: number
  readonly end: number
  readonly except?: number
}

/** The likeliest way to divide a part of a word. No pieces where there is none. */
function best(lattice: Lattice, score: (reading: number) => number, { from, to, start, end, except }: Part) {
  const scores = new Float64Array(end - start + 1).fill(Number.NEGATIVE_INFINITY)
  const last = new Int32Array(end - start + 1).fill(-1)
  scores[0] = 0
  for (let r = from; r < to; r++) {
    const [a, b] = [lattice.start(r), lattice.end(r)]
    if (a < start || b > end || r === except) continue
    const reached = scores[a - start]! + score(r)
    if (reached <= scores[b - start]!) continue
    scores[b - start] = reached
    last[b - start] = r
  }
  const pieces: number[] = []
  for (let at = end; at > start && last[at - start]! >= 0; at = lattice.start(last[at - start]!)) {
    pieces.push(lattice.piece(last[at - start]!))
  }
  return { score: scores[end - start]!, pieces: pieces.reverse() }
}

function scorer(lattice: Lattice, scores: Float64Array): (reading: number) => number {
  const least = scores.reduce((min, score) => Math.min(min, score), 0) - unknown
  return (reading) => {
    const piece = lattice.piece(reading)
    return piece < 0 ? least : scores[piece]!
  }
}

/** log(eᵃ + eᵇ) */
function logAdd(a: number, b: number): number {
  if (a === Number.NEGATIVE_INFINITY) return b
  if (b === Number.NEGATIVE_INFINITY) return a
  return Math.max(a, b) + Math.log1p(Math.exp(-Math.abs(a - b)))
}
