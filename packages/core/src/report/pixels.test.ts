import { ndArray } from '@espalier/data'
import { expect, test } from 'vitest'
import { overlay, shrink, toRgb } from './pixels.js'

const u8 = (shape: number[], data: number[], kind?: string) => ndArray('uint8', shape, data, kind)

test('grey, coloured and transparent pixels all become red, green, blue', () => {
  expect([...toRgb(u8([1, 2], [7, 9])).data]).toEqual([7, 7, 7, 9, 9, 9])
  expect([...toRgb(u8([1, 1, 1], [7])).data]).toEqual([7, 7, 7])
  expect([...toRgb(u8([1, 1, 3], [1, 2, 3])).data]).toEqual([1, 2, 3])
  expect([...toRgb(u8([1, 2, 4], [0, 0, 0, 0, 10, 20, 30, 255])).data]).toEqual([255, 255, 255, 10, 20, 30])
})

test.each([
  [ndArray('float32', [1, 1, 3], [0, 0.5, 1]), 'float32 [1,1,3]'],
  [u8([1, 1, 2], [0, 0]), 'uint8 [1,1,2]'],
  [u8([4], [0, 0, 0, 0]), 'uint8 [4]'],
  [u8([0, 2, 3], []), 'uint8 [0,2,3]'],
])('%# what is no picture is refused by its shape', (array, shown) => {
  expect(() => toRgb(array as never)).toThrow(`a picture cannot be made of ${shown}`)
})

test('a mask colours its classes at half opacity; background and void let the picture through', () => {
  const picture = u8([1, 4, 3], Array(12).fill(100))
  const { data } = overlay(u8([1, 4], [0, 255, 1, 2], 'mask'), picture)
  expect([...data.subarray(0, 6)]).toEqual(Array(6).fill(100))
  expect([...data.subarray(6, 9)]).toEqual([50, 107, 139]) // half of #0072b2
  expect([...data.subarray(9)]).not.toEqual([...data.subarray(6, 9)])
  expect([...picture.data]).toEqual(Array(12).fill(100))
})

test('no two classes of CamVid look the same', () => {
  const mask = u8(
    [1, 32],
    Array.from({ length: 32 }, (_, i) => i),
    'mask',
  )
  const { data } = overlay(mask)
  const colors = Array.from({ length: 32 }, (_, i) => data.subarray(3 * i, 3 * i + 3).join())
  expect(new Set(colors).size).toBe(32)
})

test('a mask of another size than its picture is refused', () => {
  expect(() => overlay(u8([2, 2], [0, 0, 0, 0], 'mask'), u8([1, 1, 3], [0, 0, 0]))).toThrow(
    /mask \[2,2\].*picture \[1,1,3\]/,
  )
})

test('shrinking averages whole blocks, and leaves what is small enough', () => {
  const picture = u8(
    [2, 5, 3],
    Array.from({ length: 30 }, (_, i) => Math.floor(i / 3) * 10),
  )
  const small = shrink(picture, 2)
  expect(small.shape).toEqual([1, 2, 3])
  expect([...small.data]).toEqual([30, 30, 30, 50, 50, 50]) // (0+10+50+60)/4, (20+30+70+80)/4
  expect(shrink(picture, 3)).toBe(picture)
})
