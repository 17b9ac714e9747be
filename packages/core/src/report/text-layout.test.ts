import { expect, test } from 'vitest'
import { ellipsize, textWidth, wrapText } from './text-layout.js'

test('wide letters take more room than narrow ones', () => {
  expect(textWidth('WWW', 10)).toBeGreaterThan(textWidth('iii', 10) * 2)
  expect(textWidth('猫', 10)).toBeGreaterThan(10)
})

test('a text that fits is left alone, another ends in an ellipsis and fits', () => {
  expect(ellipsize('beagle', 100, 12)).toBe('beagle')
  const short = ellipsize('staffordshire_bull_terrier', 100, 12)
  expect(short).toMatch(/^staff.*…$/)
  expect(textWidth(short, 12)).toBeLessThanOrEqual(100)
})

test('lines break between words', () => {
  expect(wrapText('one two  three\nfour', 60, 12, 9)).toEqual(['one two', 'three', 'four'])
})

test('a word wider than a line breaks after an underscore', () => {
  expect(wrapText('american_pit_bull_terrier', 120, 12, 3)).toEqual(['american_pit_', 'bull_terrier'])
})

test('a word without a place to break is cut where the line is full', () => {
  const lines = wrapText('x'.repeat(30), 100, 12, 9)
  expect(lines.length).toBeGreaterThan(1)
  expect(lines.join('')).toBe('x'.repeat(30))
})

test('no more lines than asked for, each within the width', () => {
  const lines = wrapText('word '.repeat(50_000), 100, 12, 3)
  expect(lines).toHaveLength(3)
  expect(lines[2]).toMatch(/…$/)
  for (const line of lines) expect(textWidth(line, 12)).toBeLessThanOrEqual(100)
})

test('an empty text has no line', () => {
  expect(wrapText('  ', 100, 12, 3)).toEqual([])
})
