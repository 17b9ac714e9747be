import { applyItemTransforms, type ItemTransform, type NdArray, ndArray, Random } from '@espalier/data'
import { describe, expect, it } from 'vitest'
import { ratioResize } from './crop-transforms.js'
import { randomResizedCrop } from './random-resized-crop.js'
import { RasterImage } from './raster-image.js'
import { resize } from './resize.js'
import { toTensor } from './to-tensor.js'

/** Two halves, 0 and 200: averaged, there is something between them. */
const halves = (kind: 'image' | 'mask') =>
  ndArray(
    'uint8',
    kind === 'mask' ? [6, 6] : [6, 6, 1],
    Uint8Array.from({ length: 36 }, (_, i) => (i % 6 < 3 ? 0 : 200)),
    kind,
  )

const make: readonly (readonly [string, (o: object) => ItemTransform])[] = [
  ['resize', (o) => resize([5, 15], { method: 'squish', ...o })],
  ['resize, cropped', (o) => resize([15, 15], o)],
  ['randomResizedCrop', (o) => randomResizedCrop(15, { minScale: 0.9, ...o })],
  ['ratioResize', (o) => ratioResize(15, o)],
]

describe.each(make)('%s', (_, tfm) => {
  it.each([0, 1])(
    'averages pictures, picks masks, and the other way round where told to, in split %i',
    async (split) => {
      const through = async (options: object) => {
        const sample = [RasterImage.of(halves('image')), RasterImage.of(halves('mask'))]
        const context = { split, random: new Random(1, 'sample') }
        const made = await applyItemTransforms([tfm(options), toTensor()], sample, context)
        return (made as NdArray[]).map(({ data }) => new Set(data).size > 2)
      }
      expect(await through({})).toEqual([true, false])
      expect(await through({ resamples: ['nearest', 'bilinear'] })).toEqual([false, true])
    },
  )

  it('writes them down, and refuses what is none', () => {
    const resamples = ['nearest', 'nearest']
    expect(tfm({ resamples }).toJSON!()).toMatchObject({ resamples })
    expect(tfm({}).toJSON!()).not.toHaveProperty('resamples')
    expect(() => tfm({ resamples: ['bicubic', 'nearest'] })).toThrow('resamples cannot be "bicubic"')
    expect(() => tfm({ resample: [] })).toThrow("has no option 'resample'\n  → did you mean resamples?")
  })
})
