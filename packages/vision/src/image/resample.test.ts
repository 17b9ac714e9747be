import { type NdArray, ndArray } from '@espalier/data'
import { describe, expect, it } from 'vitest'
import { resizePixels } from './resample.js'

const rows = (values: readonly number[][]): NdArray<'uint8'> =>
  ndArray('uint8', [values.length, values[0]!.length, 1], values.flat())
const numbers = ({ data }: NdArray) => [...data]

describe('resizePixels', () => {
  it('averages all pixels when shrinking, so that a thin line is not lost', async () => {
    const line = rows([[0, 0, 0, 0, 0, 255, 0, 0, 0, 0, 0, 0]])
    const small = await resizePixels(line, { width: 3, height: 1 }, 'bilinear')
    expect(numbers(small).reduce((a, b) => a + b)).toBeGreaterThan(50)
  })

  it('keeps the corners when enlarging and blends between pixel centres', async () => {
    const two = rows([[0, 100]])
    expect(numbers(await resizePixels(two, { width: 4, height: 1 }, 'bilinear'))).toEqual([0, 25, 75, 100])
  })

  it('picks, and never blends, with the nearest filter', async () => {
    const classes = rows([
      [1, 2, 3],
      [4, 5, 6],
      [7, 8, 9],
    ])
    const small = await resizePixels(classes, { width: 2, height: 2 }, 'nearest')
    expect(numbers(small)).toEqual([1, 3, 7, 9])
    const large = await resizePixels(classes, { width: 7, height: 5 }, 'nearest')
    expect(new Set(large.data)).toEqual(new Set([1, 2, 3, 4, 5, 6, 7, 8, 9]))
  })

  it('keeps white white however many pixels go into one', async () => {
    const white = ndArray('uint8', [1, 40_000, 3], new Uint8Array(120_000).fill(255))
    expect(numbers(await resizePixels(white, { width: 1, height: 1 }, 'bilinear'))).toEqual([255, 255, 255])
  })

  it('gives the same bytes for one channel and for three', async () => {
    const grey = ndArray(
      'uint8',
      [31, 17, 1],
      Uint8Array.from({ length: 31 * 17 }, (_, i) => (i * 97) % 256),
    )
    const colours = ndArray(
      'uint8',
      [31, 17, 3],
      [...grey.data].flatMap((v) => [v, v, v]),
    )
    const size = { width: 11, height: 44 }
    const [one, three] = await Promise.all([
      resizePixels(grey, size, 'bilinear'),
      resizePixels(colours, size, 'bilinear'),
    ])
    expect(three.data.filter((_, i) => i % 3 === 0)).toEqual(one.data)
  })

  it('lets the event loop turn while a large picture is resized', async () => {
    const large = ndArray('uint8', [2400, 1600, 3], new Uint8Array(2400 * 1600 * 3))
    let turns = 0
    const counting = setInterval(() => turns++, 0)
    await resizePixels(large, { width: 500, height: 700 }, 'bilinear')
    clearInterval(counting)
    expect(turns).toBeGreaterThan(2)
  })
})
