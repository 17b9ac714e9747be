import { Random } from '@espalier/data'
import { describe, expect, it } from 'vitest'
import { growth } from '../../test/growth.js'
import {
  defaultRules,
  fixHtml,
  lowercase,
  replaceAllCaps,
  replaceMaj,
  replaceRep,
  replaceWrep,
  rmUselessSpaces,
  specAddSpaces,
} from './rules.js'
import { unescapeHtml } from './unescape-html.js'

const all = (text: string) => defaultRules.reduce((t, rule) => rule(t), text)

describe('rules', () => {
  it.each([
    ['I LOVE it sooooo much', 'xxbos i xxup love it s xxrep 5 o much'],
    ['That is very very very good.', 'xxbos xxmaj that is xxwrep 3 very good.'],
    ['It was good good bad', 'xxbos xxmaj it was good good bad'],
    ['A Great U.S.A. movie/film', 'xxbos a xxmaj great xxup u.s.a. movie / film'],
    ["WOW!!! <br />It's 10/10", "xxbos xxup wow xxrep 3 ! \nxxmaj it's 10 / 10"],
    ['Élan vital', 'xxbos élan vital'],
    ['McDonald went', 'xxbos mcdonald went'],
    ['OK OK OK OK done', 'xxbos xxwrep 4 xxup ok done'],
    ['', 'xxbos '],
  ])('%j in their order', (text, made) => {
    expect(all(text)).toBe(made)
  })

  it('repeated words: what comes between, behind and twice', () => {
    expect(replaceWrep('no no no no no! Stop.')).toBe(' xxwrep 5 no ! Stop.')
    expect(replaceWrep('a  a\na\tb')).toBe(' xxwrep 3 a \tb')
    expect(replaceWrep('no no no yes yes yes')).toBe(' xxwrep 3 no  yes yes yes')
    expect(replaceWrep('no no no  yes yes yes')).toBe(' xxwrep 3 no   xxwrep 3 yes ')
    expect(replaceWrep('go go gone')).toBe('go go gone')
    expect(replaceWrep('go go go gone')).toBe(' xxwrep 3 go  gone')
    expect(replaceWrep("it's it's it's")).toBe("it's it's it's")
    expect(replaceWrep('東 東 東😀 x')).toBe(' xxwrep 3 東 😀 x')
  })

  it('repeated characters, also those of two code units', () => {
    expect(replaceRep('😀😀😀👍👍 aab   ')).toBe(' xxrep 3 😀 👍👍 aab   ')
  })

  it('single steps', () => {
    expect(specAddSpaces('c:\\a/b#c')).toBe('c: \\ a / b # c')
    expect(rmUselessSpaces(' a   b\n  c')).toBe(' a b\n c')
    expect(replaceAllCaps('A NASA B2B aB')).toBe('a xxup nasa xxup b2b aB')
    expect(replaceMaj('I Am NASA McD')).toBe('i xxmaj am NASA McD')
    expect(lowercase(' Hi ', { addBos: false, addEos: true })).toBe('hi xxeos')
    expect(fixHtml('a@-@b <unk>\\nx ... &lt;')).toBe('a@-@b xxunk\nx  … <')
  })

  it('references of HTML as Python reads them', () => {
    for (const [text, made] of [
      ['&eacute;&eacute&notit;&notin;', 'éé¬it;∉'],
      ['&#233;&#xE9;&#x80;&#0;&#xD800;&#1;&#x110000;', 'éé€\ufffd\ufffd\ufffd'],
      ['&unknown; & &; &#; &a', '&unknown; & &; &#; &a'],
      ['&NotEqualTilde;', '≂̸'],
    ] as const) {
      expect(unescapeHtml(text)).toBe(made)
    }
  })

  it('take time in proportion to the text, whatever it is', () => {
    for (const unit of [
      'a',
      'A',
      'a ',
      'A',
      ' ',
      '!?',
      'Aa',
      '&',
      '&#1',
      'no no nox ',
      '...',
      '😀',
      'a a ',
      '\n',
    ]) {
      const grows = growth((n) => all(unit.repeat(n / unit.length)), 50_000)
      expect(grows, JSON.stringify(unit)).toBeLessThan(3)
    }
  }, 60_000)

  it('keep lone halves of characters, and leave what they made alone', () => {
    expect(all('\ud800 x')).toBe('xxbos \ud800 x')
    const random = new Random(1, 'rules')
    const letters = [...'ab  AB.!\n😀é_9']
    for (let i = 0; i < 200; i++) {
      const text = Array.from({ length: 30 }, () => letters[random.int(letters.length)]).join('')
      expect(all(text)).toBe(all(text))
      expect(rmUselessSpaces(rmUselessSpaces(text))).toBe(rmUselessSpaces(text))
    }
  })
})
