import { expect, it } from 'vitest'
import { ndArray } from '../nd-array.js'
import { collate } from './collate.js'

const ids = ['a.jpg', 'b.jpg', 'c.jpg']
const image = (h: number, w: number) => ndArray('uint8', [h, w, 1], new Uint8Array(h * w).fill(h), 'image')

it('stacks element by element; numbers become float32, booleans bool', () => {
  const [x, y, z] = collate(
    [
      [image(1, 2), 0.5, true],
      [image(1, 2), 1.5, false],
    ],
    ids,
  )
  expect(x).toEqual(ndArray('uint8', [2, 1, 2, 1], Uint8Array.of(1, 1, 1, 1), 'image'))
  expect(y).toEqual(ndArray('float32', [2], Float32Array.of(0.5, 1.5)))
  expect(z).toEqual(ndArray('bool', [2], Uint8Array.of(1, 0)))
})

it('names the two items whose shapes differ', () => {
  const samples = [
    [image(2, 2), 1],
    [image(2, 2), 1],
    [image(3, 2), 1],
  ]
  expect(() => collate(samples, ids)).toThrow(
    'cannot stack element 0 into a batch: image uint8 [2,2,1] (a.jpg) and image uint8 [3,2,1] (c.jpg)',
  )
})

it('names the item whose element is of another type', () => {
  const samples = [[ndArray('float32', [1], [1])], [ndArray('int32', [1], [1])]]
  expect(() => collate(samples, ids)).toThrow('float32 [1] (a.jpg) and int32 [1] (b.jpg)')
})

it('names the item whose element is no array, and says what to do', () => {
  expect(() => collate([[1], ['cat']], ids)).toThrow(
    'element 0 of b.jpg is string "cat", not an array or a number\n  → end the item transforms',
  )
})

it('names the item that has more or fewer elements than the first', () => {
  expect(() => collate([[1, 2], [1]], ids)).toThrow('b.jpg has 1 elements, a.jpg has 2')
  expect(() => collate([[1], [1, 2]], ids)).toThrow('b.jpg has 2 elements, a.jpg has 1')
})
