import { expect, it } from 'vitest'
import { EspalierError, listed, reasonOf } from './errors.js'

it('an error carries a code, a way out and its cause', () => {
  const cause = new Error('disk')
  const error = new EspalierError('a/b', 'cannot do it', { fix: 'do something else', cause })
  expect(error.message).toBe('cannot do it\n  → do something else')
  expect(error.code).toBe('a/b')
  expect(error.cause).toBe(cause)
  expect(error).toBeInstanceOf(Error)
  expect(new EspalierError('a', 'b')).not.toHaveProperty('cause')
})

it('reads the text of whatever was thrown', () => {
  expect(reasonOf(new Error('why'))).toBe('why')
  expect(reasonOf('why')).toBe('why')
  expect(reasonOf(undefined)).toBe('undefined')
})

it('lists a few and counts the rest', () => {
  expect(listed([1, 2, 3])).toBe('1, 2, 3')
  expect(listed([1, 2, 3], 2)).toBe('1, 2 and 1 more')
})
