import { batchTensors, tf, useEngine } from '@espalier/core'
import { categoryBlock, dataBlock, ndArray, noSplitter } from '@espalier/data'
import { beforeAll, describe, expect, it } from 'vitest'
import { bytesOf, pixelsOf, reasonFor } from '../../test/files.js'
import { tiff, tiffValue } from '../../test/tiff.js'
import { augTransforms, normalize, resize } from '../index.js'
import { imageBlock } from './image-block.js'

describe('pictures of any number of channels', () => {
  beforeAll(async () => {
    await useEngine('cpu')
  })

  it.each([
    [1, 8, false],
    [2, 8, false],
    [4, 8, false],
    [5, 16, false],
    [7, 8, false],
    [13, 16, false],
    [4, 8, true],
    [6, 16, true],
  ] as const)('%i channels of %i bits, the first three colours: %s', async (c, bits, isRgb) => {
    const pixels = await pixelsOf(tiff([5, 4, c], bits, isRgb), { mode: c })
    expect(pixels.shape).toEqual([4, 5, c])
    const expected = Array.from({ length: 20 * c }, (_, k) => tiffValue(Math.floor(k / c), k % c))
    expect([...pixels.data]).toEqual(expected)
  })

  it('transparency is a fourth channel', async () => {
    const pixels = await pixelsOf(bytesOf('rgba.png'), { mode: 4 })
    expect(pixels.shape[2]).toBe(4)
    expect(new Set(pixels.data.filter((_, i) => i % 4 === 3)).size).toBeGreaterThan(1)
    const colours = await pixelsOf(bytesOf('rgba.png'))
    expect(pixels.data.filter((_, i) => i % 4 !== 3)).toEqual(colours.data)
  })

  it('a picture of another number of channels is left out, and it is said why', async () => {
    expect(await reasonFor(bytesOf('rgb.png'), { mode: 4 })).toBe('it has 3 channels, 4 are read')
    expect(await reasonFor(bytesOf('grey.png'), { mode: 3 })).toBe('it has 1 channel, 3 are read')
  })

  it('go through a whole block, from files and from memory, and are shown by their first three', async () => {
    const items = [
      tiff([12, 10, 5], 8),
      tiff([14, 9, 5], 16, true),
      ndArray('uint8', [11, 13, 5], new Uint8Array(11 * 13 * 5).fill(90)),
      ndArray('uint8', [16, 16, 5], new Uint8Array(16 * 16 * 5).fill(9)),
    ]
    const block = dataBlock({
      blocks: [imageBlock({ channels: 5 }), categoryBlock({ vocab: ['a', 'b'] })],
      getItems: (source: typeof items) => source,
      getY: () => 'a',
      splitter: noSplitter(),
      itemTfms: [resize(8)],
      batchTfms: [...augTransforms({ size: 6 }), normalize()],
    })
    const dls = await block.dataLoaders(items, { bs: 4, shuffle: false, dropLast: false })
    const batch = await dls.oneBatch()
    expect(batch.arrays[0].shape).toEqual([4, 8, 8, 5])
    const before = tf.memory().numTensors
    tf.tidy(() => {
      const tfms = dls.train.options.batchTfms.filter((t) => t.name !== 'normalize')
      expect(batchTensors(batch, tfms)[0]!.shape).toEqual([4, 6, 6, 5])
    })
    expect(tf.memory().numTensors).toBe(before)
    const cards = dls.with({ batchTfms: dls.train.options.batchTfms.slice(0, 1) }).cards(batch)
    expect(cards[0]![0]).toMatchObject({ pixels: { shape: [8, 8, 3] } })
  })

  it('says what is wrong with the options', () => {
    expect(() => imageBlock({ channels: 0 })).toThrow(
      'openImage: mode cannot be 0\n  → a whole number from 1 to 64',
    )
    expect(() => imageBlock({ grey: true, channels: 4 })).toThrow('grey pictures have one channel, not 4')
    expect(() => imageBlock({ chanels: 4 } as object)).toThrow("imageBlock has no option 'chanels'")
  })
})
