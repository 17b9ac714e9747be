import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { useEngine } from '@espalier/core'
import { dataBlock, EspalierError, isNdArray, type NdArray, ndArray, noSplitter, row } from '@espalier/data'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { context } from '../../test/draws.js'
import { palettePngOf } from '../../test/make-png.js'
import { augTransforms } from '../augment/aug-transforms.js'
import { dihedralItem } from '../image/flip-item.js'
import { randomResizedCrop } from '../image/random-resized-crop.js'
import { resize } from '../image/resize.js'
import { imageBlock } from './image-block.js'
import { type MaskBlockOptions, maskBlock } from './mask-block.js'
import { type OpenMaskOptions, openMask } from './open-mask.js'
import { palettePng } from './palette-png.js'
import { SegmentationDataLoaders } from './segmentation-data-loaders.js'
import './install.js'

const folder = mkdtempSync(join(tmpdir(), 'masks-'))
beforeAll(async () => {
  await useEngine('cpu')
})
afterAll(() => rmSync(folder, { recursive: true }))

/** A picture of given bytes as a PNG file. */
async function png(name: string, data: readonly number[], [h, w, c]: readonly [number, number, 1 | 3]) {
  const path = join(folder, name)
  const raw = { width: w, height: h, channels: c }
  writeFileSync(
    path,
    await sharp(Uint8Array.from(data), { raw })
      .toColourspace(c === 1 ? 'b-w' : 'srgb')
      .png()
      .toBuffer(),
  )
  return path
}

async function classesOf(
  input: string | Uint8Array | NdArray<'uint8'>,
  options: OpenMaskOptions,
): Promise<NdArray> {
  const mask = await openMask(options).encode(input, context(1))
  return mask.pixels()
}

const problemOf = async (run: () => unknown): Promise<string> => {
  const error = await Promise.resolve()
    .then(run)
    .catch((e: unknown) => e)
  expect(error).toBeInstanceOf(EspalierError)
  return (error as Error).message
}

describe('a mask is read', () => {
  it('from class numbers', async () => {
    const path = await png('labels.png', [0, 1, 2, 1, 0, 2], [2, 3, 1])
    const mask = await classesOf(path, { classes: 3 })
    expect(mask).toMatchObject({ shape: [2, 3], dtype: 'uint8', kind: 'mask' })
    expect([...mask.data]).toEqual([0, 1, 2, 1, 0, 2])
  })

  it('from the values that classes have, some of which do not count', async () => {
    const path = await png('values.png', [0, 255, 128, 255], [2, 2, 1])
    const options = { classes: 2, values: [0, 255], ignore: 128 }
    expect([...(await classesOf(path, options)).data]).toEqual([0, 1, 255, 1])
  })

  it('from colours', async () => {
    const path = await png('colours.png', [255, 128, 0, 0, 0, 0, 1, 2, 3, 255, 128, 0], [2, 2, 3])
    const options = { classes: 2, colors: ['#000000', [255, 128, 0]] as const, ignore: ['#010203'] }
    expect([...(await classesOf(path, options)).data]).toEqual([1, 0, 255, 1])
  })

  it('from pixels in memory', async () => {
    const labels = ndArray('uint8', [1, 3], [2, 0, 1])
    expect([...(await classesOf(labels, { classes: 3, values: [2, 1, 0] })).data]).toEqual([0, 2, 1])
    const colours = ndArray('uint8', [1, 2, 3], [9, 9, 9, 0, 0, 0])
    expect([
      ...(
        await classesOf(colours, {
          classes: 2,
          colors: [
            [9, 9, 9],
            [0, 0, 0],
          ],
        })
      ).data,
    ]).toEqual([0, 1])
  })
})

describe('a palette', () => {
  // Twice the same colour: what lies there does not tell the place.
  const palette = Array.from(
    { length: 16 },
    (_, i) => (i === 5 ? [0, 0, 0] : [i, 255 - i, 7 * i]) as [number, number, number],
  )
  const rows = (h: number, w: number, n: number) =>
    Array.from({ length: h }, (_, y) =>
      Array.from({ length: w }, (__, x) => (x * x + 3 * y + ((x * y) >> 2)) % n),
    )

  it.each([
    ['8 bits', { depth: 8 }],
    ['every filter', { depth: 8, filters: [0, 1, 2, 3, 4] }],
    ['4 bits, every filter', { depth: 4, filters: [4, 3, 2, 1, 0] }],
    ['2 bits', { depth: 2, filters: [2] }],
    ['1 bit', { depth: 1 }],
    ['interlaced', { depth: 8, filters: [1, 4, 2], interlaced: true }],
    ['interlaced, 2 bits', { depth: 2, filters: [3], interlaced: true }],
  ] as const)('is read place by place: %s', async (_, form) => {
    for (const [h, w] of [
      [9, 13],
      [1, 1],
      [3, 2],
    ] as const) {
      const places = rows(h, w, Math.min(16, 2 ** form.depth))
      const bytes = palettePngOf(places, { ...form, palette })
      const opened = await palettePng(bytes, 1000)
      expect(opened.size).toEqual({ width: w, height: h })
      expect([...(await opened.read()).data]).toEqual(places.flat())
      // What another decoder makes of the file: the colours that lie there.
      const colours = await sharp(bytes).removeAlpha().raw().toBuffer()
      expect([...colours]).toEqual(places.flat().flatMap((place) => palette[place]!))
    }
  })

  it('gives the classes of a mask', async () => {
    const path = join(folder, 'palette.png')
    writeFileSync(path, palettePngOf([[0, 5, 1]], { palette }))
    const options = { classes: 2, palette: true, ignore: 5 }
    expect([...(await classesOf(path, options)).data]).toEqual([0, 255, 1])
  })

  it('that cannot be read leaves the mask out', async () => {
    const whole = palettePngOf(rows(9, 13, 16), { palette })
    const reason = async (bytes: Uint8Array | string, maxPixels = 1000) => {
      try {
        await (await palettePng(bytes, maxPixels)).read()
      } catch (error) {
        expect((error as Error).name).toBe('SkipItem')
        return (error as Error).message
      }
      throw new Error('it was read')
    }
    expect(await reason(whole.slice(0, 20))).toBe('truncated PNG')
    expect(await reason(whole.slice(0, -30))).toMatch(/truncated|damaged/)
    expect(await reason(whole, 100)).toMatch(/^13×9 px/)
    expect(await reason(join(folder, 'nowhere.png'))).toBe('no such file')
    expect(await reason(folder)).toBe('a folder, not a file')
    expect(await reason(await png('rgb.png', [1, 2, 3], [1, 1, 3]))).toBe('this PNG has no palette')
    const damaged = whole.slice()
    damaged[damaged.length - 20]! ^= 255
    expect(await reason(damaged)).toMatch(/damaged|truncated/)
    // A head that promises more than there is makes nothing of its size.
    const promised = whole.slice()
    promised.set([0, 0, 0, 200], 16)
    expect(await reason(promised, 10_000)).toMatch(/truncated|damaged/)
  })
})

describe('a mask whose pixels are of no class is told by its name', () => {
  it('with what to do', async () => {
    const two = await png('two.png', [0, 255, 255, 0], [2, 2, 1])
    expect(await problemOf(() => classesOf(two, { classes: 2 }))).toBe(
      `the mask ${two} has a pixel of the value 255, which is of no class\n  → say which class has which value: values: [0, 255]`,
    )
    const many = await png('many.png', [0, 3, 7, 9], [2, 2, 1])
    expect(await problemOf(() => classesOf(many, { classes: 2 }))).toContain(
      'its values are 0, 3, 7, 9: say values or ignore',
    )
    const colours = await png('many-colours.png', [1, 2, 255], [1, 1, 3])
    expect(
      await problemOf(() => classesOf(colours, { classes: 2, colors: ['#000000', '#ffffff'] })),
    ).toContain(
      "has a pixel of the colour '#0102ff', which is of no class\n  → give a class that colour, or say ignore: '#0102ff'",
    )
    const jpeg = join(folder, 'mask.jpg')
    writeFileSync(jpeg, await sharp(many).jpeg().toBuffer())
    expect(await problemOf(() => classesOf(jpeg, { classes: 2 }))).toContain(
      'a JPEG blurs class numbers: save masks as PNG',
    )
  })

  it('also one of 16 bits, whose upper 8 would all be class 0', async () => {
    const deep = join(folder, 'deep.png')
    const values = Uint16Array.from([0, 1, 2, 1])
    const raw = { width: 2, height: 2, channels: 1 } as const
    writeFileSync(deep, await sharp(values, { raw }).toColourspace('grey16').png().toBuffer())
    expect(await problemOf(() => classesOf(deep, { classes: 3 }))).toContain(
      'has 16 bits for each pixel, and 8 are read',
    )
  })
})

it('options that cannot be meant are refused at once', async () => {
  const made = (options: Partial<MaskBlockOptions>) =>
    problemOf(() => maskBlock({ codes: ['a', 'b'], ...options }))
  expect(await problemOf(() => maskBlock(undefined as never))).toContain(
    'codes are the names of 2 to 255 classes, got undefined',
  )
  expect(await made({ codes: ['a', 'a'] })).toContain("codes name the class 'a' twice")
  expect(await made({ code: ['a'] } as never)).toContain(
    "maskBlock has no option 'code'\n  → did you mean codes?",
  )
  expect(await made({ values: [0] })).toContain('values must have one for each of the 2 classes, got 1')
  expect(await made({ values: [0, 0] })).toContain('values have 0 twice')
  expect(await made({ values: [0, 300] })).toContain('values are whole numbers from 0 to 255, got 300')
  expect(await made({ ignore: 1 })).toContain('ignore has 1, which is a class too')
  expect(await made({ colors: ['red', '#000000'] })).toContain(`colors are colours such as '#ff8000'`)
  expect(await made({ colors: ['#ffffff', '#000000'], palette: true })).toContain(
    'colors and palette exclude each other',
  )
})

describe('in a batch', () => {
  /** A picture whose red says the class: 100 × class. */
  async function pair(name: string, seed: number) {
    const [h, w] = [40, 52]
    const classes = Array.from({ length: h * w }, (_, i) => {
      const [x, y] = [i % w, Math.floor(i / w)]
      return (Math.floor((x + 5 * seed) / 17) + Math.floor((y + 3 * seed) / 15)) % 3
    })
    const photo = await png(
      `${name}.png`,
      classes.flatMap((c) => [100 * c, 10, 20]),
      [h, w, 3],
    )
    await png(`${name}-mask.png`, classes, [h, w, 1])
    return photo
  }
  const maskOf = (photo: string) => photo.replace('.png', '-mask.png')

  it('masks share every draw with their pictures, and stay whole numbers', async () => {
    const photos = await Promise.all([0, 1, 2, 3].map((i) => pair(`photo${i}`, i)))
    const block = dataBlock({
      blocks: [imageBlock(), maskBlock({ codes: ['a', 'b', 'c'] })],
      getItems: (source: readonly string[]) => source,
      getY: maskOf,
      splitter: noSplitter(),
      itemTfms: [dihedralItem({ p: 1 }), randomResizedCrop(33, { minScale: 0.3 })],
      batchTfms: augTransforms({ size: 31, mode: 'nearest', maxLighting: 0 }),
    })
    const dls = await block.dataLoaders(photos, { bs: 4 })
    const { arrays } = await dls.oneBatch()
    expect(arrays[1]).toMatchObject({ shape: [4, 33, 33], dtype: 'uint8', kind: 'mask' })
    const { arrays: again } = await dls.oneBatch()
    expect([...again[1].data]).toEqual([...arrays[1].data])
    for (const [[image, mask]] of dls.cards(await dls.oneBatch(), 4).map((card) => [card] as const)) {
      const [x, y] = [image!, mask!].map((cell) => ('pixels' in cell ? cell.pixels : undefined))
      expect(x!.shape).toEqual([31, 31, 3])
      expect(y!.shape).toEqual([31, 31])
      expect(y!.kind).toBe('mask')
      let agree = 0
      for (let i = 0; i < y!.data.length; i++)
        if (Math.abs(x!.data[3 * i]! - 100 * y!.data[i]!) <= 50) agree++
      // Pictures are averaged where they are resized: at borders of classes they may differ.
      expect(agree / y!.data.length).toBeGreaterThan(0.9)
      expect(new Set(y!.data).size).toBeGreaterThan(1)
    }
  })

  it('come from files and a function that finds masks', async () => {
    const photos = await Promise.all([0, 1, 2, 3, 4].map((i) => pair(`photo${i}`, i)))
    const dls = await SegmentationDataLoaders.fromLabelFunc(photos, maskOf, {
      codes: ['a', 'b', 'c'],
      bs: 2,
      seed: 3,
      itemTfms: [resize([20, 30])],
    })
    expect([dls.n, dls.valid.n, dls.c]).toEqual([4, 1, 3])
    expect(dls.vocab).toEqual(['a', 'b', 'c'])
    const batch = await dls.oneBatch({ valid: true })
    expect(batch.arrays.map((a) => a.shape)).toEqual([
      [1, 20, 30, 3],
      [1, 20, 30],
    ])
    expect(row(batch.arrays[1], 0).data.every((v) => v <= 2)).toBe(true)
    const svg = await dls.showBatch({ maxN: 2 }).toSVG()
    expect(svg).toContain('<image')
    const problem = (run: Promise<unknown>) => problemOf(() => run)
    expect(
      await problem(SegmentationDataLoaders.fromLabelFunc('photos' as never, maskOf, { codes: ['a', 'b'] })),
    ).toContain('the files must be a list of paths')
    expect(
      await problem(SegmentationDataLoaders.fromLabelFunc(photos, 'masks' as never, { codes: ['a', 'b'] })),
    ).toContain('the mask must be a function of a path')
  })

  it('a mask of another size than its picture is brought to its size', async () => {
    const photo = await pair('large', 1)
    await png('large-mask.png', new Array(10 * 13).fill(1), [10, 13, 1])
    const dls = await SegmentationDataLoaders.fromLabelFunc([photo, photo], maskOf, {
      codes: ['a', 'b'],
      bs: 1,
      validPct: 0.5,
      itemTfms: [resize(16)],
    })
    const { arrays } = await dls.oneBatch()
    expect(isNdArray(arrays[1])).toBe(true)
    expect(arrays[1].shape).toEqual([1, 16, 16])
    expect(arrays[1].data.every((v) => v === 1)).toBe(true)
  })
})
