import {
  applyItemTransforms,
  type ItemTransform,
  type NdArray,
  ndArray,
  Random,
  type TransformContext,
} from '@espalier/data'
import { describe, expect, it } from 'vitest'
import { cropPad, randomCrop, ratioResize } from './crop-transforms.js'
import { flipItem } from './flip-item.js'
import { randomResizedCrop } from './random-resized-crop.js'
import { RasterImage } from './raster-image.js'
import { resize } from './resize.js'
import { toTensor } from './to-tensor.js'

const at = (split: number, item = 0): TransformContext => ({
  split,
  random: new Random(5, 'sample', 0, item),
})
/** Each pixel says where it came from: row and column. */
const picture = (h: number, w: number, kind = 'image'): NdArray<'uint8'> =>
  ndArray(
    'uint8',
    kind === 'mask' ? [h, w] : [h, w, 1],
    Uint8Array.from({ length: h * w }, (_, i) => i % w),
    kind,
  )
const through = async (tfm: ItemTransform, split: number, item = 0, ...arrays: NdArray<'uint8'>[]) =>
  (await applyItemTransforms(
    [tfm, toTensor()],
    arrays.map((a) => RasterImage.of(a)),
    at(split, item),
  )) as NdArray<'uint8'>[]

describe('item transforms on pictures', () => {
  it('resize keeps the middle in validation and a random part in training', async () => {
    const [middle] = await through(resize(10), 1, 0, picture(10, 50))
    expect(middle!.data[0]).toBe(20)
    const lefts = await Promise.all([1, 2, 3, 4].map((i) => through(resize(10), 0, i, picture(10, 50))))
    expect(new Set(lefts.map(([p]) => p!.data[0])).size).toBeGreaterThan(2)
  })

  it('crops the pictures of one sample alike, and a mask with its picture', async () => {
    const [a, b, mask] = await through(
      resize([10, 20]),
      0,
      3,
      picture(10, 50),
      picture(10, 50),
      picture(10, 50, 'mask'),
    )
    expect(b!.data).toEqual(a!.data)
    expect(mask!.data).toEqual(a!.data)
    expect(mask!.shape).toEqual([10, 20])
  })

  it('gives every sample of one size, whatever comes in', async () => {
    for (const tfm of [resize(16), resize([16, 16], { method: 'pad' }), resize(16, { method: 'squish' })]) {
      for (const [h, w] of [
        [5, 90],
        [90, 5],
        [16, 16],
        [3, 3],
      ] as const)
        expect((await through(tfm, 0, 1, picture(h, w)))[0]!.shape).toEqual([16, 16, 1])
    }
    const others = [randomResizedCrop(16), randomCrop(16), cropPad(16)]
    for (const tfm of others) {
      for (const split of [0, 1])
        expect((await through(tfm, split, 1, picture(9, 40)))[0]!.shape).toEqual([16, 16, 1])
    }
  })

  it('squeezes the whole picture in the validation of randomResizedCrop, then keeps the middle', async () => {
    const tfm = randomResizedCrop(48)
    const image = RasterImage.of(picture(61, 83))
    const steps = ((await tfm.encode(image, undefined, at(1))) as RasterImage).steps
    expect(steps.map((s) => s.do)).toEqual(['resize', 'crop'])
  })

  it('brings the longer side to a length', async () => {
    const [wide] = await through(ratioResize(20), 1, 0, picture(30, 60))
    expect(wide!.shape).toEqual([10, 20, 1])
  })

  it('lets other elements of a sample pass', async () => {
    const label = ndArray('int32', [], [3], 'category')
    const [, same] = await applyItemTransforms(
      [resize(4), flipItem({ p: 1 })],
      [RasterImage.of(picture(9, 9)), label],
      at(0),
    )
    expect(same).toBe(label)
  })

  it('flips in training alone', async () => {
    const [flipped] = await through(flipItem({ p: 1 }), 0, 0, picture(2, 3))
    const [same] = await through(flipItem({ p: 1 }), 1, 0, picture(2, 3))
    expect([...flipped!.data].slice(0, 3)).toEqual([2, 1, 0])
    expect([...same!.data].slice(0, 3)).toEqual([0, 1, 2])
  })

  it('writes its options down', () => {
    expect(resize([180, 240], { method: 'pad' }).toJSON!()).toEqual({
      size: [180, 240],
      method: 'pad',
      padMode: 'reflection',
    })
    expect(randomResizedCrop(224, { minScale: 0.35 }).toJSON!()).toEqual({
      size: [224, 224],
      minScale: 0.35,
      maxScale: 1,
      ratio: [3 / 4, 4 / 3],
      valXtra: 0.14,
    })
  })

  it('refuses sizes and words it does not know, and says what it expects', () => {
    for (const [size, got] of [
      [0, '0'],
      [-5, '-5'],
      [1.5, '1.5'],
      [Number.NaN, 'NaN'],
      [1e9, '1000000000'],
      ['224', 'string "224"'],
      [undefined, 'undefined'],
      [null, 'null'],
      [{}, '{}'],
      [[224], '[224]'],
      [[1, 2, 3], '[1,2,3]'],
      [[224, Number.NaN], '[224,null]'],
    ] as const) {
      for (const [name, make] of Object.entries({
        resize,
        cropPad,
        randomCrop,
        ratioResize,
        randomResizedCrop,
      })) {
        expect(() => make(size as number)).toThrow(
          `${name}: the size must be a whole number of pixels, or two, got ${got}\n  → say 224, or [height, width]`,
        )
      }
    }
    expect(() => resize(8, { method: 'fit' as never })).toThrow(
      'resize: method cannot be "fit"\n  → one of crop, pad, squish',
    )
    expect(() => randomResizedCrop(8, { minScale: Number.NaN })).toThrow(
      'randomResizedCrop: minScale must be a number from 0 to 1, got NaN\n  → leave it out',
    )
    expect(() => randomResizedCrop(8, { minScale: 0.5, maxScale: 0.2 })).toThrow(
      'maxScale must be a number from 0.5 to 1, got 0.2',
    )
  })

  it('says so when a sample holds no picture', async () => {
    await expect(applyItemTransforms([randomCrop(4)], [1, 2], at(0))).rejects.toThrow(
      'randomCrop: this sample holds no picture\n  → use imageBlock() for the element that is one',
    )
  })
})
