import { describe, expect, it } from 'vitest'
import { readPickledTexts } from './read-pickled-texts.js'

const bytes = (...parts: readonly (string | readonly number[])[]) =>
  Uint8Array.from(parts.flatMap((p) => (typeof p === 'string' ? [...new TextEncoder().encode(p)] : p)))

describe('readPickledTexts', () => {
  it('reads what pickle.dumps makes of a list of texts', () => {
    // pickle.dumps(['xxunk', 'é'], 4)
    const file = bytes(
      [0x80, 4, 0x95, 20, 0, 0, 0, 0, 0, 0, 0],
      [0x5d, 0x94, 0x28, 0x8c, 5],
      'xxunk',
      [0x94, 0x8c, 2],
      'é',
      [0x94, 0x65, 0x2e],
    )
    expect(readPickledTexts(file)).toEqual(['xxunk', 'é'])
  })

  it('refuses names, and what is no list of texts', () => {
    expect(() => readPickledTexts(bytes('cos\nsystem\n', [0x2e]))).toThrow(/os.system/)
    expect(() => readPickledTexts(bytes([0x80, 2, 0x5d, 0x4b, 1, 0x61, 0x2e]))).toThrow(/list of texts/)
  })
})
