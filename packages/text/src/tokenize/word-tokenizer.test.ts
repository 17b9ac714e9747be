import { Random } from '@espalier/data'
import { describe, expect, it } from 'vitest'
import { growth } from '../../test/growth.js'
import english from './data/english.json' with { type: 'json' }
import { prefixLength, suffixLength } from './spacy-chunks.js'
import { TextProcessor } from './text-processor.js'
import { wordTokenizer } from './word-tokenizer.js'

const tok = wordTokenizer()

describe('wordTokenizer', () => {
  // Made by spaCy 3.8's blank English tokenizer.
  it.each([
    ["It isn't 3km away.", ['It', 'is', "n't", '3', 'km', 'away', '.']],
    [
      'well-known (U.S.A.) e.g. 10a.m. now',
      ['well', '-', 'known', '(', 'U.S.A.', ')', 'e.g.', '10', 'a.m.', 'now'],
    ],
    ['see http://a.b.com/c?d=e, me@x.co.uk!', ['see', 'http://a.b.com/c?d=e', ',', 'me@x.co.uk', '!']],
    ['a  b\n\nc \n d', ['a', ' ', 'b', '\n\n', 'c', '\n ', 'd']],
    ['fun :) :-( ^_^ ._. 8)', ['fun', ':)', ':-(', '^_^', '._.', '8)']],
    ['end.Start 1.Now a,b', ['end', '.', 'Start', '1.Now', 'a', ',', 'b']],
    ['“quoted” ‘it’s’', ['“', 'quoted', '”', '‘', 'it', '’s', '’']],
    ['', []],
    [' ', [' ']],
  ])('%j', (text, tokens) => {
    expect(tok.split(text)).toEqual(tokens)
  })

  it('never divides a special token, but what stands around it', () => {
    expect(tok.split('(xxbos, xxmaj.')).toEqual(['(', 'xxbos', ',', 'xxmaj', '.'])
    expect(wordTokenizer({ specialTokens: ['a-b'] }).split('a-b a-c')).toEqual(['a-b', 'a', '-', 'c'])
  })

  it('loses nothing: the tokens are the text, but for single spaces', () => {
    const random = new Random(3, 'words')
    const pieces = [
      'it',
      "'s",
      "n't",
      '.',
      '..',
      '-',
      ',',
      '(',
      ')',
      ' ',
      '  ',
      '\n',
      '$',
      '5',
      'kg',
      'é',
      '😀',
      ':',
      '/',
      'a.b',
    ]
    for (let i = 0; i < 200; i++) {
      const text = Array.from({ length: 20 }, () => pieces[random.int(pieces.length)]).join('')
      expect(tok.split(text).join('').replaceAll(' ', '')).toBe(text.replaceAll(' ', ''))
    }
  })

  it('finds the same signs as the patterns alone', () => {
    const prefix = new RegExp(`^(?:${english.prefixes.join('|')})`, 'u')
    const suffix = new RegExp(`(?:${english.suffixes.join('|')})$`, 'u')
    const random = new Random(4, 'signs')
    const letters = [...'abkmgTs09.,:;!?()[]{}"\'*&#$%<>_-+/…’”é°FßЖ😀'] as const
    for (let i = 0; i < 5_000; i++) {
      const word = Array.from({ length: 1 + random.int(6) }, () => letters[random.int(letters.length)]).join(
        '',
      )
      expect([word, prefixLength(word, 0, word.length)]).toEqual([word, prefix.exec(word)?.[0].length ?? 0])
      expect([word, suffixLength(word, 0, word.length)]).toEqual([word, suffix.exec(word)?.[0].length ?? 0])
    }
  })

  it('takes time in proportion to the text, and one token of 10 MB', () => {
    for (const unit of ['!?', 'a.', '(', ':', 'a@', '.', 'a', '-a', "'s", '5kg', '//:', 'é']) {
      const grows = growth((n) => tok.split(unit.repeat(n / unit.length)), 15_000)
      expect(grows, JSON.stringify(unit)).toBeLessThan(3)
    }
    const huge = 'x'.repeat(10_000_000)
    expect(new TextProcessor().tokens(`A ${huge}`)).toHaveLength(5)
  }, 60_000)

  it('says what it does not know', () => {
    expect(() => wordTokenizer({ lang: 'de' as 'en' })).toThrow('knows no language')
    expect(() => wordTokenizer({ langs: 'en' } as never)).toThrow('did you mean lang?')
  })
})
