import { describe, expect, it } from 'vitest'
import { specialTokens } from '../tokenize/special-tokens.js'
import { TokenizedText, type TokenSource } from '../tokenize/tokens.js'
import { makeVocab } from './make-vocab.js'
import { countTokens, Numericalize } from './numericalize.js'

const texts = [
  ['xxbos', 'the', 'cat', 'and', 'the', 'dog'],
  ['xxbos', 'the', 'dog', 'a', 'a'],
]
async function* each<T>(items: readonly T[]): AsyncIterable<T> {
  yield* items
}

describe('makeVocab', () => {
  it('has special tokens first, then frequent ones, of equal ones the first', () => {
    const counts = new Map(Object.entries({ b: 3, xxmaj: 9, a: 4, c: 3, d: 2 }))
    expect(makeVocab(counts, { pad: false })).toEqual([...specialTokens, 'a', 'b', 'c'])
    expect(makeVocab(counts, { minFreq: 1, maxVocab: 11, pad: false })).toEqual([...specialTokens, 'a', 'b'])
    expect(makeVocab(counts, { minFreq: 4, specialToks: ['a'], pad: false })).toEqual(['a', 'xxmaj'])
  })

  it('is filled up by 1 to 8 where asked for', () => {
    for (const [n, filled] of [
      [8, 16],
      [9, 16],
      [15, 16],
      [16, 24],
    ] as const) {
      const counts = new Map(Array.from({ length: n - 1 }, (_, i) => [`w${i}`, 3]))
      expect(makeVocab(counts, { specialToks: ['xxunk'] })).toHaveLength(filled)
    }
  })

  it('says what is wrong with its options', () => {
    expect(() => makeVocab(new Map(), { minFreq: 0 })).toThrow('minFreq must be a whole number ≥ 1')
    expect(() => makeVocab(new Map(), { min_freq: 2 } as never)).toThrow('did you mean minFreq?')
  })
})

describe('Numericalize', () => {
  it('counts what trains, knows what it does not know, and undoes itself', async () => {
    const step = new Numericalize({ minFreq: 2, pad: false })
    await step.setup(each(texts))
    expect(step.vocab).toEqual([...specialTokens, 'the', 'dog', 'a'])
    const ids = step.encode(['the', 'zebra', 'xxbos', 'xxfake'])
    expect([...ids.data]).toEqual([9, 0, 2, 0])
    expect(step.decode(ids)).toEqual(['the', 'xxunk', 'xxbos', 'xxunk'])
    expect(step.show(step.encode(['xxpad', 'the'])).toString()).toBeDefined()
    expect(step.show(step.encode(['xxpad', 'the']))).toEqual({ text: 'the' })
    const again = new Numericalize(step.toJSON())
    expect([...again.encode(['a']).data]).toEqual([11])
  })

  it('gives tokenized texts the same ids as their tokens', async () => {
    const words = ['xxbos', 'the', 'cat', 'and', 'dog', 'a']
    const data = texts.map((text) => Int32Array.from(text, (t) => words.indexOf(t)))
    const source: TokenSource = { length: 2, words, lens: [6, 5], read: (i) => data[i]! }
    const handles = [0, 1].map((i) => new TokenizedText(source, i))
    expect(handles[1]!.tokens()).toEqual(texts[1])
    expect([...(await countTokens(handles))]).toEqual([...(await countTokens(texts))])
    const step = new Numericalize({ minFreq: 1 })
    await step.setup(each(handles))
    for (const i of [0, 1]) expect(step.encode(handles[i]!)).toEqual(step.encode(texts[i]!))
  })

  it('says what is no vocabulary, and that it has none yet', () => {
    expect(() => new Numericalize({ vocab: [] })).toThrow('a vocabulary is a list of tokens')
    expect(() => new Numericalize({ vocab: ['a', 1 as never] })).toThrow(
      'token 1 of the vocabulary is number 1',
    )
    expect(() => new Numericalize().encode(['a'])).toThrow('not set up yet')
  })
})
