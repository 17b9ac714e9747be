import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { useEngine } from '@espalier/core'
import { dataBlock, type NdArray, ndArray, noSplitter } from '@espalier/data'
import { afterAll, beforeAll, describe, expect, expectTypeOf, it } from 'vitest'
import {
  augTransforms,
  bboxBlock,
  bboxLblBlock,
  bbPad,
  flipItem,
  imagenetStats,
  normalize,
  type PointsPrediction,
  pointBlock,
  pointsToPixels,
  resize,
  squeezenet1_1,
  visionLearner,
} from '../index.js'
import { imageBlock, loadLearner } from '../node/index.js'

const root = mkdtempSync(join(tmpdir(), 'espalier-points-'))
afterAll(() => rmSync(root, { recursive: true }))

interface Item {
  readonly picture: NdArray<'uint8'>
  readonly at: readonly [number, number]
}

/** Black pictures with a white pixel somewhere. */
const items: readonly Item[] = Array.from({ length: 12 }, (_, i) => {
  const [h, w] = [20, 16 + (i % 3)]
  const at = [2 + i, 17 - i] as const
  const data = new Uint8Array(h * w * 3)
  data.fill(255, (at[1] * w + at[0]) * 3, (at[1] * w + at[0]) * 3 + 3)
  return { picture: ndArray('uint8', [h, w, 3], data), at }
})
const middleOf = ({ at: [x, y] }: Item) => [x + 0.5, y + 0.5]
const boxOf = ({ at: [x, y] }: Item) => [x - 1, y - 1, x + 2, y + 2]

/** Four pixels in place of each, both ways. */
function enlarged({ data, shape }: NdArray<'uint8'>): NdArray<'uint8'> {
  const [h, w] = shape as [number, number, number]
  const bytes = Uint8Array.from({ length: 16 * h * w * 3 }, (_, i) => {
    const [row, column] = [Math.floor(i / 3 / (4 * w)) >> 2, (Math.floor(i / 3) % (4 * w)) >> 2]
    return data[(row * w + column) * 3 + (i % 3)]!
  })
  return ndArray('uint8', [4 * h, 4 * w, 3], bytes)
}

beforeAll(async () => {
  await useEngine('cpu')
})

describe('pointBlock', () => {
  const block = (options = {}) =>
    dataBlock({
      blocks: [imageBlock(), pointBlock(options)],
      getItems: (source: readonly Item[]) => source,
      getX: (item: Item) => item.picture,
      getY: (item: Item) => [middleOf(item), [0, 20]],
      splitter: noSplitter(),
      itemTfms: [resize([20, 16], { method: 'squish' }), flipItem()],
      batchTfms: augTransforms({ padMode: 'zeros' }),
    })

  it('scales points to the picture and tells how many outputs a model needs', async () => {
    const dls = await block().dataLoaders(items, { bs: 4 })
    expect([dls.c, dls.target!.loss]).toEqual([4, 'mse'])
    const { arrays } = await dls.oneBatch()
    expectTypeOf(arrays[1]).toEqualTypeOf<NdArray<'float32'>>()
    expect([arrays[1].shape, arrays[1].kind]).toEqual([[4, 2, 2], 'points'])
    const text = await block().summary(items)
    expect(text).toMatch(/pointScaler → .*points float32 \[2,2\]/)
  })

  it('takes them as (y, x), scaled already, or in one list', async () => {
    const first = async (options: object, given: readonly number[] | readonly (readonly number[])[]) => {
      const dls = await dataBlock({
        blocks: [imageBlock(), pointBlock(options)],
        getItems: (source: readonly Item[]) => source,
        getX: (item: Item) => item.picture,
        getY: () => given,
        splitter: noSplitter(),
      }).dataLoaders(items.slice(0, 1), { bs: 1, shuffle: false })
      return [...(await dls.oneBatch()).arrays[1].data]
    }
    expect(await first({}, [[8, 5]])).toEqual([0, -0.5])
    expect(await first({ yFirst: true }, [[5, 8]])).toEqual([0, -0.5])
    expect(await first({ doScale: false }, [0.25, -1, 1, 0])).toEqual([0.25, -1, 1, 0])
    expect(pointsToPixels([[0, -0.5]], { width: 16, height: 20 })).toEqual([[8, 5]])
  })

  it('draws them into the picture', async () => {
    const dls = await block().dataLoaders(items, { bs: 4 })
    const svg = await dls.showBatch({ maxN: 2 }).toSVG()
    expect(svg).toContain('<image')
    expect(svg).not.toContain('0.5)')
    const [card] = dls.cards(await dls.oneBatch())
    expect(card![1]).toMatchObject({ text: expect.stringMatching(/^\(-?[\d.]+, -?[\d.]+\) \(/) })
  })

  it('is predicted, and from an export too', async () => {
    await useEngine('wasm')
    const big = items.map((item) => ({ ...item, picture: enlarged(item.picture) }))
    const dls = await dataBlock({
      ...block().spec,
      getY: (item: Item) => [middleOf(item).map((v) => 4 * v)],
      itemTfms: [resize(48)],
      batchTfms: [normalize(imagenetStats)],
    }).dataLoaders(big, { bs: 4 })
    using learn = await visionLearner(dls, squeezenet1_1, { pretrained: false, verbose: false })
    const { points } = await learn.predict(big[0]!.picture)
    expectTypeOf(points).toEqualTypeOf<readonly (readonly [number, number])[]>()
    expect(points).toHaveLength(1)
    expect(points.flat().every(Number.isFinite)).toBe(true)
    await learn.export(join(root, 'export'))
    using again = await loadLearner<PointsPrediction>(join(root, 'export'))
    expect((await again.predict(big[0]!.picture)).points).toEqual(points)
    await useEngine('cpu')
  })

  it.each<[points: unknown, message: string]>([
    ['x', 'give a list of (x, y)'],
    [[[1, 2, 3]], 'give a list of (x, y): one has 3 numbers'],
    [[1, 2, 3], 'give a list of (x, y): 3 numbers are no multiple of 2'],
    [[[Number.NaN, 2]], 'give a list of (x, y), all of them finite numbers'],
  ])('refuses %j', async (points, message) => {
    const made = dataBlock({
      blocks: [imageBlock(), pointBlock()],
      getItems: (source: readonly Item[]) => source,
      getX: (item: Item) => item.picture,
      getY: () => points as number[],
      splitter: noSplitter(),
    }).dataLoaders(items, { bs: 4 })
    await expect(made.then((dls) => dls.oneBatch())).rejects.toThrow(message)
  })

  it('refuses another number of points, and points without a picture', async () => {
    const uneven = await dataBlock({
      blocks: [imageBlock(), pointBlock()],
      getItems: (source: readonly Item[]) => source,
      getX: (item: Item) => item.picture,
      getY: (item: Item) =>
        item === items[3]
          ? [[1, 2]]
          : [
              [1, 2],
              [3, 4],
            ],
      splitter: noSplitter(),
      itemTfms: [resize(8)],
    }).dataLoaders(items, { bs: 12 })
    await expect(uneven.oneBatch()).rejects.toThrow('an item has 1 points, others have 2')
    const alone = await dataBlock({
      blocks: [pointBlock()],
      getItems: (source: readonly Item[]) => source,
      getX: () => [[1, 2]],
      splitter: noSplitter(),
    }).dataLoaders(items, { bs: 4 })
    await expect(alone.oneBatch()).rejects.toThrow('this sample holds points and no picture')
    expect(() => pointBlock({ doscale: true } as object)).toThrow('did you mean doScale?')
  })
})

describe('bboxBlock', () => {
  const labels = ['cat', 'dog', 'cow']
  const block = (
    labelsOf = (_: Item, i: number) => Array.from({ length: 1 + (i % 3) }, (_, k) => labels[k]!),
  ) =>
    dataBlock({
      blocks: [imageBlock(), bboxBlock(), bboxLblBlock()],
      getItems: (source: readonly Item[]) => source,
      getters: [
        (item: Item) => item.picture,
        (item: Item) => Array.from({ length: 1 + (items.indexOf(item) % 3) }, () => boxOf(item)),
        (item: Item) => labelsOf(item, items.indexOf(item)),
      ],
      nInp: 1,
      splitter: noSplitter(),
      itemTfms: [resize([20, 16])],
      batchTfms: augTransforms({ maxLighting: 0 }),
    })

  it('gives all samples of a batch as many boxes, each with its label', async () => {
    const dls = await block().dataLoaders(items, { bs: 12, shuffle: false })
    const { arrays } = await dls.oneBatch()
    expectTypeOf(arrays[2]).toEqualTypeOf<NdArray<'int32'>>()
    const [, boxes, codes] = arrays
    expect([boxes.shape, codes.shape]).toEqual([
      [12, 3, 4],
      [12, 3],
    ])
    const vocab = dls.datasets.pipelines[2]!.transforms.at(-1) as unknown as {
      readonly vocab: readonly string[]
    }
    expect(vocab.vocab).toEqual(['#na#', 'cat', 'cow', 'dog'])
    expect([...codes.data.slice(0, 9)]).toEqual([1, 0, 0, 1, 3, 0, 1, 3, 2])
    const first = [...boxes.data.slice(0, 12)]
    expect(first.slice(4)).toEqual([0, 0, 0, 0, 0, 0, 0, 0])
    const [left, top, right, bottom] = first as [number, number, number, number]
    expect(left < right && top < bottom).toBe(true)
    const cards = dls.cards(await dls.oneBatch(), 3)
    expect(cards[1]![2]).toEqual({ text: 'cat; dog' })
    expect(await dls.showBatch({ maxN: 2 }).toSVG()).toContain('cat')
  })

  it('cuts boxes off at the edges and leaves out those outside, with their labels', () => {
    const boxes = ndArray('float32', [3, 4], [-2, -0.5, 0, 0.5, 1.1, 0, 1.4, 0.2, 0.5, 0.5, 0.6, 2], 'boxes')
    const codes = ndArray('int32', [3], [1, 2, 3], 'boxLabels')
    const none = ndArray('float32', [0, 4], [], 'boxes')
    const [first, second] = bbPad({ padIdx: 9 }).encodeSamples([
      ['x', boxes, codes],
      ['y', none, ndArray('int32', [0], [], 'boxLabels')],
    ])
    const half = Math.fround(0.6)
    expect([...(first![1] as NdArray).data]).toEqual([-1, -0.5, 0, 0.5, 0.5, 0.5, half, 1])
    expect([...(first![2] as NdArray).data]).toEqual([1, 3])
    expect((second![1] as NdArray).shape).toEqual([2, 4])
    expect([...(second![2] as NdArray).data]).toEqual([9, 9])
    expect(first![0]).toBe('x')
  })

  it('says when boxes and labels are not as many, or labels are no list', async () => {
    const odd = await block(() => ['cat']).dataLoaders(items, { bs: 12 })
    await expect(odd.oneBatch()).rejects.toThrow('boxes and 1 labels')
    await expect(block(() => 'cat' as never).dataLoaders(items)).rejects.toThrow(
      'return a list: one label for each box',
    )
    expect(() => bboxLblBlock({ vocabs: [] } as object)).toThrow("has no option 'vocabs'")
  })

  it('is the same, whoever makes the samples', async () => {
    const dls = await block().dataLoaders(items, { bs: 4, workers: 0 })
    const alone = await dls.oneBatch()
    const threads = await dls.with({ workers: 1 }).oneBatch()
    expect(threads.arrays).toEqual(alone.arrays)
  })
})
