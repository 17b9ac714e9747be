import { batchTensors, tf, useEngine } from '@espalier/core'
import { categoryBlock, dataBlock, noSplitter } from '@espalier/data'
import { beforeAll, describe, expect, it } from 'vitest'
import { file } from '../../test/files.js'
import { augTransforms, imagenetStats, normalize, resize } from '../index.js'
import { imageBlock } from './image-block.js'

const readable = [
  'rgb.jpg',
  'grey.jpg',
  'cmyk.jpg',
  'rgba.png',
  'palette.png',
  'animated.gif',
  'lossy.webp',
  'exif-6.jpg',
]
const refused = ['refused-truncated.jpg', 'refused-empty.jpg', 'refused-svg.jpg', 'refused-huge.png']

/** JPEG files are one class, all others another. */
const label = (path: string) => (path.endsWith('.jpg') ? 'jpeg' : 'other')

describe('imageBlock', () => {
  beforeAll(async () => {
    await useEngine('cpu')
  })

  it('leaves unreadable pictures out, goes on, and lists why', async () => {
    const block = dataBlock({
      blocks: [imageBlock(), categoryBlock()],
      getItems: (names: readonly string[]) => names.map(file),
      getY: label,
      splitter: noSplitter(),
      itemTfms: [resize(16)],
    })
    const dls = await block.dataLoaders([...readable, ...refused], { bs: 3, dropLast: false })
    const seen: number[] = []
    for await (const { arrays, indices } of dls.train.batches(0)) {
      expect(arrays[0].shape).toEqual([indices.length, 16, 16, 3])
      expect(arrays[0].dtype).toBe('uint8')
      seen.push(...indices)
    }
    expect(seen.sort((a, b) => a - b)).toEqual(readable.map((_, i) => i))
    const left = [...dls.train.skipped.values()].map((s) => `${s.id.split('/').at(-1)}: ${s.reason}`)
    expect(left.sort()).toEqual([
      'refused-empty.jpg: empty file',
      'refused-huge.png: 60000×60000 px, at most 32 megapixels are read',
      'refused-svg.jpg: not an image: SVG is not read',
      'refused-truncated.jpg: truncated JPEG',
    ])
  })

  it('says that a size is missing when pictures cannot be stacked', async () => {
    const block = dataBlock({
      blocks: [imageBlock(), categoryBlock({ vocab: ['jpeg', 'other'] })],
      getItems: (names: readonly string[]) => names.map(file),
      getY: label,
      splitter: noSplitter(),
    })
    const dls = await block.dataLoaders(['rgb.jpg', 'photo.jpg'], { bs: 2, shuffle: false })
    await expect(dls.oneBatch()).rejects.toThrow(/cannot stack[\s\S]*resize\(224\)/)
  })

  it('brings grey pictures as one channel', async () => {
    const block = dataBlock({
      blocks: [imageBlock({ grey: true }), categoryBlock()],
      getItems: (names: readonly string[]) => names.map(file),
      getY: label,
      splitter: noSplitter(),
      itemTfms: [resize([8, 10])],
    })
    const dls = await block.dataLoaders(readable, { bs: 8 })
    const { arrays } = await dls.oneBatch()
    expect(arrays[0].shape).toEqual([8, 8, 10, 1])
  })

  it('shows the pictures as bytes again, after augmentation and normalization', async () => {
    const block = dataBlock({
      blocks: [imageBlock(), categoryBlock()],
      getItems: (names: readonly string[]) => names.map(file),
      getY: label,
      splitter: noSplitter(),
      itemTfms: [resize(20, { method: 'squish' })],
      batchTfms: [normalize(imagenetStats), ...augTransforms({ size: 12 })],
    })
    const dls = await block.dataLoaders(readable, { bs: 4 })
    const batch = await dls.oneBatch()
    const cards = dls.cards(batch)
    expect(cards).toHaveLength(4)
    const [picture, name] = cards[0]!
    expect(picture).toMatchObject({ pixels: { dtype: 'uint8', shape: [12, 12, 3] } })
    expect(['jpeg', 'other']).toContain(name && 'text' in name && name.text)
    tf.tidy(() => {
      const [x, y] = batchTensors(batch, dls.train.options.batchTfms)
      expect(x!.shape).toEqual([4, 12, 12, 3])
      expect(Math.abs(tf.mean(x!).dataSync()[0]!)).toBeLessThan(2.5)
      expect(y!.dtype).toBe('int32')
    })
  })

  it('walks through every step in the summary', async () => {
    const block = dataBlock({
      blocks: [imageBlock(), categoryBlock()],
      getItems: (names: readonly string[]) => names.map(file),
      getY: label,
      splitter: noSplitter(),
      itemTfms: [resize(16)],
    })
    const text = await block.summary(readable)
    expect(text).toMatch(/openImage → RasterImage/)
    expect(text).toMatch(/resize → \(RasterImage, category int32 \[\]\)/)
    expect(text).toMatch(/toTensor → \(image uint8 \[16,16,3\], category int32 \[\]\)/)
    expect(text).toMatch(
      /\n\nWorker threads do openImage, categorize, resize, toTensor; this one does item, label$/,
    )
    expect(text).toMatch(/intToFloat → \(image float32 \[4,16,16,3\], category int32 \[4\]\)/)
  })
})
