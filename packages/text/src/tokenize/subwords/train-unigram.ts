import type { Lattice } from './lattice.js'
import { type SubwordTrainingOptions, type Training, trainingOf, type WordCounts } from './training.js'
import { alternatives, bestCounts, expectedCounts } from './unigram-counts.js'
import { unigramSeeds } from './unigram-seeds.js'

/** What training found: subwords in the order of their ids, and the logarithm of how likely each is. */
export interface Unigram {
  readonly vocab: readonly (readonly [piece: string, score: number])[]
}

/** Pieces, and the logarithm of how likely each is. */
interface Model {
  readonly pieces: readonly string[]
  readonly scores: Float64Array
}

const [roundsBetween, share, rare] = [2, 0.75, 0.5]

/**
 * Learns a unigram model from words and how often each occurs (Kudo 2018, as SentencePiece does): from many pieces on,
 * expectation and maximization say how likely each is, and those without which the words would lose least are dropped,
 * a quarter at a time.
 */
export function trainUnigram(counts: WordCounts, options: SubwordTrainingOptions = {}): Unigram {
  const training = trainingOf(counts, options)
  const { pieces, weights, lattice } = unigramSeeds(training)
  const target = Math.floor(1.1 * training.vocabSz)
  let model: Model = { pieces, scores: logShares(Float64Array.from(weights)) }
  for (;;) {
    for (let i = 0; i < roundsBetween; i++) model = maximized(model, lattice)
    const { length } = model.pieces
    if (length > target) model = pruned(model, lattice, target)
    if (model.pieces.length === length) return finished(model, training)
  }
}

/** One round of expectation and maximization; pieces that hardly occur are gone. */
function maximized(model: Model, lattice: Lattice): Model {
  const expected = expectedCounts(lattice, model.scores)
  const kept = [...expected.keys()].filter((piece) => expected[piece]! >= rare)
  const total = digamma(kept.reduce((sum, piece) => sum + expected[piece]!, 0))
  const scores = Float64Array.from(kept, (piece) => digamma(expected[piece]!) - total)
  return { pieces: only(model, kept, lattice), scores }
}

/**
 * The three quarters of the pieces, but at least `target`, without which the words would become least likely. Those that
 * nothing can stand in for stay, those that no word is divided into go.
 */
function pruned(model: Model, lattice: Lattice, target: number): Model {
  const counts = bestCounts(lattice, model.scores)
  const instead = alternatives(lattice, model.scores)
  const total = counts.reduce((sum, n) => sum + n, 0)
  const kept: number[] = []
  const losses: (readonly [piece: number, loss: number])[] = []
  for (const [piece, count] of counts.entries()) {
    const parts = instead[piece]
    if (count === 0 || parts === 'better') continue
    if (!parts) kept.push(piece)
    else {
      const all = Math.log(total + count * (parts.length - 1))
      const without = parts.reduce((sum, part) => sum + Math.log((counts[part] ?? 0) + count) - all, 0)
      losses.push([piece, count * (Math.log(count / total) - without)])
    }
  }
  const size = Math.max(target, Math.floor(share * model.pieces.length))
  losses.sort(([a, x], [b, y]) => y - x || a - b)
  for (const [piece] of losses.slice(0, Math.max(0, size - kept.length))) kept.push(piece)
  const scores = Float64Array.from(kept, (piece) => model.scores[piece]!)
  return { pieces: only(model, kept, lattice), scores }
}

/** Leaves the lattice with some of the pieces, in this order. */
function only({ pieces }: Model, kept: readonly number[], lattice: Lattice): string[] {
  const renamed = new Int32Array(pieces.length).fill(-1)
  for (const [to, from] of kept.entries()) renamed[from] = to
  lattice.keep(renamed)
  return kept.map((piece) => pieces[piece]!)
}

/** Special tokens, all letters, and the likeliest other pieces. */
function finished({ pieces, scores }: Model, { special, letters, vocabSz }: Training): Unigram {
  const byScore = [...pieces.keys()].sort((a, b) => scores[b]! - scores[a]! || a - b)
  const least = scores.reduce((min, score) => Math.min(min, score), 0)
  const found = new Map(letters.map((letter, i) => [letter, least + 1e-4 * (letters.length - i)]))
  for (const piece of byScore) {
    const text = pieces[piece]!
    if (found.has(text) || special.length + found.size < vocabSz) found.set(text, scores[piece]!)
  }
  const vocab = [...found].sort(([, a], [, b]) => b - a)
  return { vocab: [...special.map((token) => [token, 0] as const), ...vocab] }
}

function logShares(weights: Float64Array): Float64Array {
  const total = Math.log(weights.reduce((sum, n) => sum + n, 0))
  return weights.map((n) => Math.log(n) - total)
}

/** The derivative of the logarithm of the gamma function, for x > 0. */
function digamma(x: number): number {
  let shift = 0
  for (; x < 7; x++) shift -= 1 / x
  const r = 1 / (x * x)
  return shift + Math.log(x) - 0.5 / x - r * (1 / 12 - r * (1 / 120 - r * (1 / 252 - r / 240)))
}
