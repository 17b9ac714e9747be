import { expect, test } from 'vitest'
import { formatFloat, formatTime } from './console-text.js'

test.each([
  [0, '00:00'],
  [12.9, '00:12'],
  [605, '10:05'],
  [3599.9, '59:59'],
  [3600, '1:00:00'],
  [36_061, '10:01:01'],
  [-1, '00:00'],
])('%d s is %s', (seconds, text) => {
  expect(formatTime(seconds)).toBe(text)
})

test('floats have six decimals, and say when they are none', () => {
  expect(formatFloat(0.1234567)).toBe('0.123457')
  expect(formatFloat(Number.NaN)).toBe('NaN')
})
