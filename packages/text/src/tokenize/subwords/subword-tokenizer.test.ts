import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { makeTokenizer, tokenizerSpec } from '../make-tokenizer.js'
import { TextProcessor } from '../text-processor.js'
import { subwordTokenizer } from './subword-tokenizer.js'
import type { TokenizerJson } from './tokenizer-json.js'
import { trainBpe } from './train-bpe.js'
import { subwordVocabSize } from './training.js'

describe('trainBpe', () => {
  it('joins the most frequent pair, again and again', () => {
    const counts = new Map(Object.entries({ low: 5, lower: 2, newest: 6, widest: 3 }))
    const { merges, vocab } = trainBpe(counts, { vocabSz: 20, specialTokens: ['xxunk'] })
    // Counted by hand: e s occurs 9 times, es t 9, l o 7, lo w 7, w e 8 until the e is taken away …
    expect(merges.slice(0, 2)).toEqual([
      ['e', 's'],
      ['es', 't'],
    ])
    expect(vocab[0]).toBe('xxunk')
    expect(vocab).toHaveLength(20)
    expect(new Set(vocab).size).toBe(20)
    const largest = trainBpe(counts, { vocabSz: 1000, specialTokens: [] })
    expect(largest.vocab).toContain('▁newest')
  })

  it('leaves the rarest letters out', () => {
    const counts = new Map(Object.entries({ aaaa: 500, az: 1 }))
    expect(trainBpe(counts, { vocabSz: 30, charCoverage: 0.999, specialTokens: [] }).vocab).not.toContain('z')
    expect(trainBpe(counts, { vocabSz: 30, charCoverage: 1, specialTokens: [] }).vocab).toContain('z')
  })

  it("has fastai's size", () => {
    expect([10, 116, 117, 400, 120_000, 200_000].map((n) => subwordVocabSize(n))).toEqual([
      29, 32, 32, 104, 30_000, 30_000,
    ])
  })
})

describe.each(['unigram', 'bpe'] as const)('subwordTokenizer, %s', (modelType) => {
  const texts = [
    'I LOVED this movie, it was moving!',
    'she moved on; they love movies',
    'loving it, moving on',
  ].flatMap((t) => [t, t, t])
  const trained = () => {
    const tok = subwordTokenizer({ vocabSz: 60, modelType })
    const processor = new TextProcessor({ tok })
    tok.train(texts.map((t) => processor.prepare(t)))
    return { tok, processor }
  }

  it('knows every word by its parts, keeps special tokens whole, and puts texts together again', () => {
    const { tok, processor } = trained()
    const tokens = processor.tokens('I LOVED this movies')
    expect(tokens.slice(0, 3)).toEqual(['xxbos', '▁i', 'xxup'])
    expect(tokens.slice(3).join('')).toBe('▁loved▁this▁movies')
    expect(tok.join!(tokens)).toBe('xxbos i xxup loved this movies')
    // As SentencePiece does, a unigram model gives letters that it does not know as they are.
    expect(processor.tokens('東 a')).toContain(modelType === 'bpe' ? 'xxunk' : '東')
  })

  it('lives in a tokenizer.json', () => {
    const folder = mkdtempSync(join(tmpdir(), 'subwords-'))
    const { tok, processor } = trained()
    const file = join(folder, 'tokenizer.json')
    writeFileSync(file, JSON.stringify(tok.tokenizer))
    const tokenizer = JSON.parse(readFileSync(file, 'utf8')) as TokenizerJson
    rmSync(folder, { recursive: true })
    for (const again of [subwordTokenizer({ tokenizer }), makeTokenizer(tokenizerSpec(tok)!)]) {
      expect(new TextProcessor({ tok: again }).tokens(texts[0]!)).toEqual(processor.tokens(texts[0]!))
    }
  })
})

describe('subwordTokenizer', () => {
  it('runs tokenizers of others, without rules that they were not made for', () => {
    const tokenizer: TokenizerJson = {
      version: '1.0',
      added_tokens: [],
      normalizer: { type: 'Lowercase' },
      pre_tokenizer: { type: 'Whitespace' },
      post_processor: null,
      decoder: { type: 'WordPiece', prefix: '##', cleanup: false },
      model: {
        ...{
          type: 'WordPiece',
          unk_token: '[UNK]',
          continuing_subword_prefix: '##',
          max_input_chars_per_word: 100,
        },
        vocab: { '[UNK]': 0, mov: 1, '##ing': 2, on: 3 },
      },
    }
    const processor = new TextProcessor({ tok: subwordTokenizer({ tokenizer }) })
    expect(processor.tokens('Moving ON up')).toEqual(['mov', '##ing', 'on', '[UNK]'])
    expect(processor.tok.join!(['mov', '##ing', 'on'])).toBe('moving on')
  })

  it('says that it has not learnt, or cannot be used', () => {
    expect(() => subwordTokenizer().split('a')).toThrow('has not learnt')
    expect(() => subwordTokenizer({ tokenizer: { model: { type: 'None' } } })).toThrow('cannot be used')
    expect(() => subwordTokenizer({ modelType: 'word' as never })).toThrow("modelType is 'word'")
    expect(() => subwordTokenizer({ vocabSize: 3 } as never)).toThrow('did you mean vocabSz?')
  })
})
