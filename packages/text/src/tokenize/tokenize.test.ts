import { describe, expect, it } from 'vitest'
import { baseTokenizer } from './base-tokenizer.js'
import { decodeSpecTokens } from './decode-spec-tokens.js'
import { makeTokenizer, tokenizerSpec } from './make-tokenizer.js'
import { fixHtml } from './rules.js'
import { TextProcessor } from './text-processor.js'
import { Tokenize } from './tokenize.js'
import { tokenizeDf } from './tokenize-df.js'

describe('decodeSpecTokens', () => {
  it('undoes each special token once, and goes on as before', () => {
    const decoded = (text: string, asFastai = false) =>
      decodeSpecTokens(text.split(' '), { asFastai }).join(' ')
    expect(decoded('xxbos xxmaj hello xxup nasa xxrep 3 ! ok')).toBe('xxbos Hello NASA !!! ok')
    expect(decoded("xxwrep 4 very good xxmaj it's xxwrep 2 a b")).toBe("very very very very good It's a a b")
    expect(decoded('xxrep a b c')).toBe('b c')
    expect(decoded('xxmaj')).toBe('')
    expect(decoded('xxrep 3 ! ok ok', true)).toBe('!!! okokok okokok')
  })

  it('does not write out what a model may say without end', () => {
    expect(decodeSpecTokens(['xxwrep', '999999999999', 'a'])).toHaveLength(1000)
  })
})

describe('tokenizeDf', () => {
  const rows = [
    { title: 'Good Film', body: 'I liked it', label: 1 },
    { title: 'BAD', body: 'No no no', label: 0 },
  ]

  it('joins columns, marks them where there are several, and counts', () => {
    const { rows: made, counts } = tokenizeDf(rows, ['title', 'body'])
    expect((made[1]!['text'] as string[]).join(' ')).toBe('xxbos xxfld 1 xxup bad xxfld 2 xxmaj no no no')
    expect(made.map((row) => row['text_length'])).toEqual([12, 11])
    expect(Object.keys(made[0]!)).toEqual(['label', 'text', 'text_length'])
    expect(counts.get('no')).toBe(3)
    expect(tokenizeDf(rows, 1, { tokTextCol: 'words' }).rows[0]).toMatchObject({
      title: 'Good Film',
      words_length: 4,
    })
    expect(tokenizeDf(rows, ['title', 'body'], { markFields: false }).counts.has('xxfld')).toBe(false)
  })

  it('says which column there is not', () => {
    expect(() => tokenizeDf(rows, 'review')).toThrow('the columns are title, body, label')
  })
})

describe('TextProcessor', () => {
  it('is data where its parts are of this package', () => {
    const processor = new TextProcessor({
      tok: baseTokenizer({ splitChar: '|' }),
      rules: [fixHtml],
      postRules: [],
    })
    const spec = processor.spec()!
    expect(spec).toEqual({
      tok: { name: 'baseTokenizer', options: { splitChar: '|' } },
      rules: ['fixHtml'],
      postRules: [],
    })
    expect(TextProcessor.of(JSON.parse(JSON.stringify(spec))).tokens('a|b <br />c')).toEqual(['a', 'b \nc'])
    expect(new TextProcessor({ rules: [(t) => t] }).spec()).toBeUndefined()
    expect(() => TextProcessor.of({ ...spec, rules: ['toString'] })).toThrow("no rule 'toString'")
    expect(() => makeTokenizer({ name: 'constructor', options: {} })).toThrow("no tokenizer 'constructor'")
    expect(tokenizerSpec({ name: 'mine', split: (t) => [t], toJSON: () => ({}) })).toBeUndefined()
  })

  it('joins tokens with marks for their spaces', () => {
    expect(new TextProcessor().tokens('a  \n b')).toEqual(['xxbos', 'a', '\n▁', 'b'])
  })

  it('is a transform that says what it takes', () => {
    const step = new Tokenize()
    expect(step.decode(step.encode('Good'))).toBe('xxbos xxmaj good')
    expect(step.accepts('x')).toBe(true)
    expect(() => step.encode(7 as never)).toThrow('a text must be a string, got number 7')
    expect(new Tokenize({ rules: [(t) => t] }).untold?.why).toContain('of your own')
  })
})
