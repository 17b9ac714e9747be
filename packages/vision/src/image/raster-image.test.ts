import { ndArray } from '@espalier/data'
import { describe, expect, it } from 'vitest'
import type { PadMode, Turn } from './geometry.js'
import { asRaster, RasterImage } from './raster-image.js'

const bytes = (shape: readonly number[], kind = 'image') =>
  ndArray(
    'uint8',
    shape,
    Uint8Array.from({ length: shape.reduce((a, b) => a * b) }, (_, i) => i),
    kind,
  )

describe('RasterImage', () => {
  it('knows its size after every pending step without decoding', async () => {
    const image = RasterImage.of(bytes([4, 6, 1]))
    const pending = image
      .crop({ left: 1, top: 0, width: 3, height: 4 })
      .turn(3)
      .resize({ width: 8, height: 2 })
    expect(await image.turn(5).size()).toEqual({ width: 4, height: 6 })
    expect(await pending.size()).toEqual({ width: 8, height: 2 })
    expect((await pending.pixels()).shape).toEqual([2, 8, 1])
  })

  it('is not changed by a step', async () => {
    const image = RasterImage.of(bytes([4, 6, 1]))
    image.turn(1)
    expect((await image.pixels()).data[0]).toBe(0)
  })

  it.each<[PadMode, number[]]>([
    ['zeros', [0, 0, 1, 2, 3, 0, 0, 0, 0]],
    ['border', [1, 1, 1, 2, 3, 3, 3, 3, 3]],
    ['reflection', [3, 2, 1, 2, 3, 2, 1, 2, 3]],
  ])('pads with %s beyond the edges, as far as it must', async (padMode, expected) => {
    const line = ndArray('uint8', [1, 3, 1], [1, 2, 3], 'image')
    const wide = RasterImage.of(line).crop({ left: -2, top: 0, width: 9, height: 1 }, padMode)
    expect([...(await wide.pixels()).data]).toEqual(expected)
  })

  it('pads with what is left after the crop, not with what was cut off', async () => {
    const line = ndArray('uint8', [3, 1, 1], [1, 2, 3], 'image')
    const cut = RasterImage.of(line).crop({ left: 0, top: 1, width: 1, height: 4 }, 'reflection')
    expect([...(await cut.pixels()).data]).toEqual([2, 3, 2, 3])
  })

  it.each<[Turn, number[]]>([
    [1, [1, 0, 3, 2, 5, 4]],
    [2, [4, 5, 2, 3, 0, 1]],
    [3, [1, 3, 5, 0, 2, 4]],
    [4, [5, 4, 3, 2, 1, 0]],
    [5, [4, 2, 0, 5, 3, 1]],
    [6, [0, 2, 4, 1, 3, 5]],
    [7, [5, 3, 1, 4, 2, 0]],
  ])('lays a picture on itself in way %i', async (turn, expected) => {
    expect([
      ...(
        await RasterImage.of(bytes([3, 2, 1]))
          .turn(turn)
          .pixels()
      ).data,
    ]).toEqual(expected)
  })

  it('gives a mask as [h, w] and keeps its classes when it is enlarged', async () => {
    const mask = RasterImage.of(ndArray('uint8', [2, 2], [0, 7, 11, 3], 'mask'))
    const pixels = await mask.resize({ width: 5, height: 5 }).pixels()
    expect(pixels.shape).toEqual([5, 5])
    expect(pixels.kind).toBe('mask')
    expect(new Set(pixels.data)).toEqual(new Set([0, 7, 11, 3]))
  })

  it('takes bytes of kind image or mask for a picture, and nothing else', () => {
    expect(asRaster(bytes([2, 2, 3]))).toBeInstanceOf(RasterImage)
    expect(asRaster(bytes([2, 2], 'mask'))?.kind).toBe('mask')
    expect(asRaster(ndArray('int32', [], [1], 'category'))).toBeUndefined()
    expect(asRaster('cat.jpg')).toBeUndefined()
  })
})
