import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { mayJoin } from './scripts.js'
import { trainUnigram } from './train-unigram.js'
import { trainingOf } from './training.js'
import { alternatives, bestCounts, expectedCounts } from './unigram-counts.js'
import { unigramSeeds } from './unigram-seeds.js'

const counts = new Map(
  Object.entries({ low: 5, lower: 2, lowest: 4, newest: 6, newer: 3, widest: 3, wide: 2, news: 1 }),
)
const training = trainingOf(counts, { vocabSz: 24, specialTokens: [] })

/** All ways to divide a word into pieces. */
function waysOf(word: string, pieces: readonly string[]): string[][] {
  if (word === '') return [[]]
  return pieces
    .filter((piece) => word.startsWith(piece))
    .flatMap((piece) => waysOf(word.slice(piece.length), pieces).map((rest) => [piece, ...rest]))
}

/** All words divided in the likeliest way: how likely that is, and into how many pieces. */
function divided(words: ReadonlyMap<string, number>, scores: ReadonlyMap<string, number>) {
  const sum = { score: 0, pieces: 0 }
  for (const [word, n] of words) {
    const best = [{ score: 0, pieces: 0 }]
    const text = `▁${word}`
    for (let end = 1; end <= text.length; end++) {
      best[end] = { score: Number.NEGATIVE_INFINITY, pieces: 0 }
      for (let start = 0; start < end; start++) {
        const score = best[start]!.score + (scores.get(text.slice(start, end)) ?? Number.NEGATIVE_INFINITY)
        if (score > best[end]!.score) best[end] = { score, pieces: best[start]!.pieces + 1 }
      }
    }
    sum.score += n * best[text.length]!.score
    sum.pieces += n * best[text.length]!.pieces
  }
  return sum
}

describe('unigramSeeds', () => {
  it('are letters and the parts that occur twice or more, unless one letter always follows', () => {
    const { pieces, weights } = unigramSeeds(training)
    expect(new Set(pieces).size).toBe(pieces.length)
    expect(weights[pieces.indexOf('▁low')]).toBe(4 * 11)
    expect(weights[pieces.indexOf('est')]).toBe(3 * 13)
    expect(pieces).not.toContain('▁lo') // A w always follows.
    expect(pieces).not.toContain('news') // It occurs once.
    expect(pieces).toContain('w')
  })

  it('leave rare letters out, and join no scripts', () => {
    const { pieces } = unigramSeeds(
      trainingOf(
        new Map([
          ['aaщ', 9],
          ['ab1', 400],
          ['aa.', 400],
          ['東あ', 400],
        ]),
        {
          charCoverage: 0.99,
          specialTokens: [],
        },
      ),
    )
    expect(pieces.filter((p) => p.includes('щ'))).toEqual([])
    expect(pieces).toContain('▁ab')
    expect(pieces.filter((p) => /[ab][.1]/.test(p))).toEqual([])
    expect(pieces).toContain('▁東あ')
    expect(mayJoin('e', '\u0301')).toBe(true)
    expect(mayJoin('a', 'я')).toBe(false)
    expect(mayJoin('a', '▁')).toBe(false)
  })
})

describe('the counts of a unigram model', () => {
  const { pieces, weights, lattice } = unigramSeeds(training)
  const total = weights.reduce((a, b) => a + b)
  const scores = Float64Array.from(weights, (n) => Math.log(n / total))
  const likely = (way: readonly string[]) =>
    way.reduce((p, piece) => p * (weights[pieces.indexOf(piece)]! / total), 1)

  it('are expected over all ways to divide the words', () => {
    const expected = new Map<string, number>()
    for (const [word, n] of training.words) {
      const ways = waysOf(word, pieces)
      const sum = ways.reduce((s, way) => s + likely(way), 0)
      for (const way of ways) {
        for (const piece of way) expected.set(piece, (expected.get(piece) ?? 0) + (n * likely(way)) / sum)
      }
    }
    for (const [i, n] of expectedCounts(lattice, scores).entries()) {
      expect(n).toBeCloseTo(expected.get(pieces[i]!) ?? 0, 9)
    }
  })

  it('are of the likeliest way, and another stands in for a piece', () => {
    const best = new Map<string, number>()
    for (const [word, n] of training.words) {
      const [way] = waysOf(word, pieces).sort((a, b) => likely(b) - likely(a))
      for (const piece of way!) best.set(piece, (best.get(piece) ?? 0) + n)
    }
    expect([...bestCounts(lattice, scores)]).toEqual(pieces.map((piece) => best.get(piece) ?? 0))
    const instead = alternatives(lattice, scores)
    for (const [i, piece] of pieces.entries()) {
      const [way] = waysOf(piece, pieces)
        .filter((w) => w.length > 1)
        .sort((a, b) => likely(b) - likely(a))
      if (!way) expect(instead[i]).toBeUndefined()
      else if (likely(way) > likely([piece])) expect(instead[i]).toBe('better')
      else expect((instead[i] as number[]).map((p) => pieces[p])).toEqual(way)
    }
  })
})

describe('trainUnigram', () => {
  it('keeps all letters and the pieces that the words are made of', () => {
    const { vocab } = trainUnigram(counts, { vocabSz: 16, specialTokens: ['xxunk'] })
    expect(vocab).toHaveLength(16)
    expect(vocab[0]).toEqual(['xxunk', 0])
    const scores = vocab.slice(1).map(([, score]) => score)
    expect(scores).toEqual([...scores].sort((a, b) => b - a))
    expect(scores.reduce((sum, score) => sum + Math.exp(score), 0)).toBeLessThanOrEqual(1.001)
    const pieces = vocab.map(([piece]) => piece)
    expect(pieces).toEqual(expect.arrayContaining(['▁low', ...'▁lowernstid']))
  })

  it('learns what SentencePiece does', () => {
    const oracle: { readonly counts: Record<string, number>; readonly vocab: [string, number][] } =
      JSON.parse(
        readFileSync(new URL('../../../../../testdata/subwords/sentencepiece.json', import.meta.url), 'utf8'),
      )
    const words = new Map(Object.entries(oracle.counts))
    const { vocab } = trainUnigram(words, { vocabSz: 400, charCoverage: 1, specialTokens: [] })
    const theirs = new Map(oracle.vocab)
    expect([vocab.length, theirs.size]).toEqual([400, 400])
    expect(vocab.filter(([piece]) => theirs.has(piece)).length).toBeGreaterThan(0.8 * 400)
    const [ours, other] = [divided(words, new Map(vocab)), divided(words, theirs)]

    expect(ours.score).toBeGreaterThan(1.01 * other.score)
    expect(ours.pieces).toBeLessThan(1.02 * other.pieces)
  })

  it('does with nothing, with too few and with endless words', () => {
    expect(trainUnigram(new Map(), { specialTokens: ['xxunk'] }).vocab).toEqual([['xxunk', 0]])
    expect(
      trainUnigram(new Map([['ab', 1]]), { specialTokens: [] })
        .vocab.map(([p]) => p)
        .sort(),
    ).toEqual([...'ab▁'].sort())
    const long = trainUnigram(
      new Map([
        ['ab', 3],
        ['ab'.repeat(1_000_000), 9],
      ]),
      { specialTokens: [] },
    )
    expect(long.vocab.map(([piece]) => piece)).toContain('▁ab')
  })
})
