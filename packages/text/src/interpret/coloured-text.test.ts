import { stripVTControlCharacters } from 'node:util'
import { describe, expect, it } from 'vitest'
import { ColouredText } from './coloured-text.js'

describe('ColouredText', () => {
  const text = new ColouredText(
    [
      { word: 'un', weight: -1 },
      { word: 'loved', weight: 0.2, glued: true },
      { word: '<b>', weight: 0.75 },
    ],
    'neg',
  )

  it('puts parts of words together and marks what matters', () => {
    expect(text.toText()).toBe('neg\nun(-1.0)loved <b>(+0.8)')
    expect(stripVTControlCharacters(text.toANSI())).toBe('neg\nunloved <b>')
  })

  it('is HTML without the markup of its words', () => {
    expect(text.toHTML()).toContain('>loved</span> <span')
    expect(text.toHTML()).toContain('&lt;b&gt;')
    expect(text.toHTML()).not.toContain('<b>')
  })
})
