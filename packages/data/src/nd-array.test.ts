import { expect, it } from 'vitest'
import { allocate, ndArray, row, sizeOf, stack } from './nd-array.js'

it('checks that numbers and shape agree', () => {
  expect(() => ndArray('float32', [2, 3], [1, 2])).toThrow('shape [2,3] needs 6 numbers, got 2')
  expect(sizeOf([])).toBe(1)
  expect(sizeOf([2, 0])).toBe(0)
})

it('does not copy a typed array', () => {
  const data = Float32Array.of(1, 2)
  expect(ndArray('float32', [2], data).data).toBe(data)
  expect(allocate('int32', 3)).toEqual(new Int32Array(3))
})

it('stacks and takes apart again', () => {
  const a = ndArray('int32', [2], [1, 2], 'category')
  const b = ndArray('int32', [2], [3, 4], 'category')
  const both = stack([a, b])
  expect(both).toEqual(ndArray('int32', [2, 2], Int32Array.of(1, 2, 3, 4), 'category'))
  expect(row(both, 1)).toEqual(b)
  expect(row(both, 1).data.buffer).toBe(both.data.buffer)
  expect(() => stack([])).toThrow('nothing to stack')
  expect(() => stack([a, ndArray('int32', [1], [1])])).toThrow(
    'element 0 is int32 [2], element 1 is int32 [1]',
  )
})
