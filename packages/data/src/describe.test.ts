import { expect, it } from 'vitest'
import { describeNumber, describe as word } from './describe.js'
import { ndArray } from './nd-array.js'

it('has a word for every kind of value', () => {
  expect(word(ndArray('bool', [], [1]))).toBe('bool []')
  expect(word(undefined)).toBe('undefined')
  expect(word(null)).toBe('null')
  expect(word(new Map())).toBe('Map')
  expect(word(Object.create(null))).toBe('object')
  expect(word('x')).toBe('string "x"')
  expect(word(10n)).toBe('bigint 10')
  expect(word('x'.repeat(100))).toHaveLength(60)
  expect(word(word)).toBe('function describe')
  expect(word(() => 1)).toBe('function without a name')
  expect(word([1, { a: 2 }])).toBe('[1,{"a":2}]')
  const loop: unknown[] = []
  loop.push(loop)
  expect(word(loop)).toBe('Array')
})

it('leaves numbers as they are where numbers are expected', () => {
  expect(describeNumber(Number.NaN)).toBe('NaN')
  expect(describeNumber('0.1')).toBe('string "0.1"')
})
