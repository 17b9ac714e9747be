import { describe, expect, it } from 'vitest'
import { quoted } from './quoted.js'

describe('quoted', () => {
  it.each([
    ['a.b', "'a.b'"],
    ['a\nb\u001b[31m\u0000', "'a\\u{a}b\\u{1b}[31m\\u{0}'"],
    ['\u202egnp.exe', "'\\u{202e}gnp.exe'"],
    ['\ud800', "'\\u{d800}'"],
    [[2, '3', [4]], "[2, '3', …]"],
    [{ a: 1 }, '{…}'],
    [undefined, 'undefined'],
    [null, 'null'],
    [2n ** 70n, '1180591620717411303424'],
  ])('shows case %#', (value, text) => {
    expect(quoted(value)).toBe(text)
  })

  it('is short, whatever it is given', () => {
    for (const value of ['x'.repeat(1e7), new Array(1e6).fill('\u0000'.repeat(100)), '\u0000'.repeat(1000)]) {
      expect(quoted(value).length).toBeLessThanOrEqual(80)
      expect(quoted(value).endsWith('…')).toBe(true)
    }
  })
})
