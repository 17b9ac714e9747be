import { describe, expect, it } from 'vitest'
import { CardTable } from '../blocks/card-table.js'
import { Categorize } from '../blocks/categorize.js'
import { categoryBlock } from '../blocks/category-block.js'
import { regressionBlock } from '../blocks/regression-block.js'
import { transformBlock } from '../blocks/transform-block.js'
import { dataBlock } from '../data-block.js'
import { datasets } from '../datasets/datasets.js'
import { type NdArray, ndArray } from '../nd-array.js'
import { indexSplitter } from '../split/index-splitter.js'
import type { BatchTransform } from '../transform/batch-transform.js'
import type { BeforeBatch } from '../transform/before-batch.js'
import type { DataLoader } from './data-loader.js'
import { DataLoaders } from './data-loaders.js'

const words = ['cat 1', 'dog 2', 'cat 3', 'owl 4', 'dog 5', 'cat 6']
const number = (s: string) => Number(s.split(' ')[1])
const label = (s: string) => s.split(' ')[0]!
const splits = [[0, 1, 3], [2, 4], [5]] as const
const dsets = () => datasets(words, [[number], [label, new Categorize()]], { splits })
const values = async (dl: DataLoader) => {
  const all: number[] = []
  for await (const { arrays } of dl.batches()) all.push(...arrays[0]!.data)
  return all
}
const plus = (by: number, name = 'plus'): BatchTransform => ({
  name,
  host: ([x, ...rest]) => [
    ndArray(
      'float32',
      x!.shape,
      Array.from(x!.data, (v) => v + by),
    ),
    ...rest,
  ],
})

describe('loaders from data sets', () => {
  it('are one for each part, the first of which trains', async () => {
    const dls = DataLoaders.fromDsets(await dsets(), { bs: 2, valBs: 1, seed: 3 })
    expect(dls.loaders.map((dl) => [dl.n, dl.options.bs, dl.options.shuffle, dl.options.split])).toEqual([
      [3, 2, true, 0],
      [2, 1, false, 1],
      [1, 1, false, 1],
    ])
    expect(await values(dls.loader(2))).toEqual([6])
    expect([dls.n, dls.c, dls.vocab]).toEqual([3, 3, ['cat', 'dog', 'owl']])
    expect(dls.target?.read(Float32Array.of(0, 0, 1))?.label).toBe('owl')
    expect(() => dls.loader(3)).toThrow('there is no loader 3: there are 3')
    expect(dls.with({ bs: 1 }).loaders.map((dl) => dl.options.bs)).toEqual([1, 1, 1])
  })

  it('may be over data sets of one’s own', async () => {
    const own = (xs: readonly number[]) => ({
      length: xs.length,
      id: (i: number) => `x${i}`,
      sample: async (i: number) => [xs[i], 0],
    })
    const dls = DataLoaders.fromDsets([own([1, 2, 3]), own([4])], { bs: 3, shuffle: false })
    expect(await values(dls.train)).toEqual([1, 2, 3])
    expect(await values(dls.valid)).toEqual([4])
    expect(() => dls.c).toThrow('the number of outputs cannot be told')
    expect(() => DataLoaders.fromDsets([own([1])])).toThrow('a training and a validation set')
    expect(() => DataLoaders.fromDsets([own([1]), own([2])], { weights: [1] })).toThrow(
      'order: weightedDl(weights)',
    )
    expect(() => DataLoaders.fromDsets([own([1]), own([2])], { bacth: 3 } as object)).toThrow(
      "has no option 'bacth'",
    )
  })

  it('refuse a batch larger than the training part', async () => {
    const small = await dsets()
    expect(() => DataLoaders.fromDsets(small)).toThrow('a batch of 64 cannot be filled from 3 training items')
  })

  it('shuffle validation too where asked for', async () => {
    const dls = DataLoaders.fromDsets(await dsets(), { bs: 1, valShuffle: true })
    expect([dls.valid.options.shuffle, dls.valid.options.dropLast]).toEqual([true, false])
  })
})

it('newEmpty keeps how items are prepared, and none of them', async () => {
  const dls = DataLoaders.fromDsets(await dsets(), { bs: 2 }).newEmpty()
  expect(dls.loaders.map((dl) => dl.n)).toEqual([0, 0, 0])
  expect(dls.vocab).toEqual(['cat', 'dog', 'owl'])
  expect(await values(dls.testDl(['fox 8']))).toEqual([8])
})

describe('addTfms', () => {
  it('adds transforms of each kind, to some of the loaders or to all', async () => {
    const dls = DataLoaders.fromDsets(await dsets(), { bs: 3, shuffle: false, batchTfms: [plus(1)] })
    const sorted: BeforeBatch = { name: 'sorted', encodeSamples: (s) => [...s].reverse() }
    const half = { name: 'half', encode: (e: unknown) => (typeof e === 'number' ? e / 2 : e) }
    const some = dls
      .addTfms([plus(2, 'two')], 'afterBatch', [1])
      .addTfms([sorted], 'beforeBatch', [0])
      .addTfms([half], 'afterItem')
    const names = (dl: DataLoader) => dl.options.batchTfms.map((t) => t.name)
    expect(some.loaders.map(names)).toEqual([['plus'], ['plus', 'two'], ['plus']])
    expect(await values(some.train)).toEqual([2, 1, 0.5])
    expect(await values(some.valid)).toEqual([1.5, 2.5])
    expect(names(dls.valid)).toEqual(['plus'])
  })

  it('replaces a transform of the same name', async () => {
    const dls = DataLoaders.fromDsets(await dsets(), { bs: 3, batchTfms: [plus(1)] })
    const other = plus(5)
    expect(dls.addTfms([other], 'afterBatch').train.options.batchTfms).toEqual([other])
    expect(() => dls.addTfms([other], 'after_batch' as 'afterBatch')).toThrow(
      "say 'afterItem', 'beforeBatch'",
    )
    expect(() => dls.addTfms([other], 'afterBatch', [4])).toThrow('there is no loader 4')
  })

  it('shows each side with its own transforms', async () => {
    const dls = DataLoaders.fromDsets(await dsets(), { bs: 2, shuffle: false }).addTfms(
      [plus(10)],
      'afterBatch',
      [1],
    )
    expect(dls.cards(await dls.oneBatch(), 1)[0]![0]).toEqual({ text: '1' })
    expect(dls.cards(await dls.oneBatch({ valid: true }), 1)[0]![0]).toEqual({ text: '13' })
  })
})

describe('testDl', () => {
  interface Row {
    readonly word: string
    readonly y: number
  }
  const rows: readonly Row[] = words.map((word) => ({ word, y: number(word) }))
  const load = () =>
    dataBlock({
      blocks: [
        transformBlock({
          name: 'word',
          typeTfms: () => [(w: string) => ndArray('float32', [1], [w.length])],
        }),
        regressionBlock(),
      ],
      getX: (r: Row) => r.word,
      getY: (r) => r.y,
      splitter: indexSplitter([4]),
    }).dataLoaders(rows, { bs: 2 })

  it('lets items enter where they belong', async () => {
    const dls = await load()
    expect(await values(dls.testDl([{ word: 'abc', y: 0 }]))).toEqual([3])
    expect(await values(dls.testDl(['abcd', 'x']))).toEqual([4, 1])
    expect(await values(dls.testDl([ndArray('float32', [1], [9])]))).toEqual([9])
    expect(await values(dls.testDl([]))).toEqual([])
  })

  it('leaves out as many steps as it is told', async () => {
    const dls = await load()
    expect(await values(dls.testDl(['abcd'], { rmTypeTfms: 1 }))).toEqual([4])
    expect(await values(dls.testDl(['abcd'], { rmTypeTfms: [1] }))).toEqual([4])
    await expect(values(dls.testDl(['abcd'], { rmTypeTfms: 0 }))).rejects.toThrow(
      'the getX returned undefined',
    )
    expect(() => dls.testDl([], { with_labels: true } as object)).toThrow('did you mean withLabels?')
  })

  it('has labels where the items have them', async () => {
    const dls = await load()
    for await (const { arrays } of dls.testDl([rows[2]], { withLabels: true }).batches()) {
      expect([...arrays[1]!.data]).toEqual([3])
    }
  })
})

describe('showBatch without pictures', () => {
  it('is a table with the names of the blocks', async () => {
    const dls = await dataBlock({
      blocks: [
        transformBlock({ name: 'letters', typeTfms: () => [(w: string) => w.length] }),
        categoryBlock(),
      ],
      getY: label,
      splitter: indexSplitter([3]),
    }).dataLoaders(
      words.filter((w) => !w.startsWith('owl')),
      { bs: 2, shuffle: false },
    )
    const table = dls.showBatch({ maxN: 2 })
    expect(table).toBeInstanceOf(CardTable)
    expect(await table.toText()).toBe(['letters  category', '5        cat', '5        dog'].join('\n'))
    expect(() => dls.showBatch({ max_n: 3 } as object)).toThrow('did you mean maxN?')
  })
})

it('weights draw what is rare as often as what is common', async () => {
  const rows = Array.from({ length: 100 }, (_, i) => ({ x: i, y: i % 10 === 0 ? 'rare' : 'common' }))
  const block = dataBlock({
    blocks: [transformBlock({ typeTfms: () => [(x: number) => x] }), categoryBlock()],
    getX: (r: { readonly x: number; readonly y: string }) => r.x,
    getY: (r) => r.y,
    splitter: indexSplitter([1, 10]),
  })
  const rare = async (weights: readonly number[] | ((r: { readonly y: string }) => number)) => {
    const dls = await block.dataLoaders(rows, { bs: 14, weights })
    let n = 0
    for (let epoch = 0; epoch < 10; epoch++) {
      for await (const { arrays } of dls.train.batches(epoch))
        n += arrays[1].data.filter((c) => c === 1).length
    }
    return n / 980
  }
  expect(await rare((r) => (r.y === 'rare' ? 89 / 9 : 1))).toBeCloseTo(0.5, 1)
  expect(await rare(rows.map((r) => (r.y === 'rare' ? 0 : 1)))).toBe(0)
  await expect(rare([1, 2])).rejects.toThrow('there are 2 weights for 100 items')
  await expect(rare('balanced' as never)).rejects.toThrow('weights must be a list or a function of an item')
  await expect(block.dataLoaders(rows, { bs: 2, weights: () => 1, order: () => [0] })).rejects.toThrow(
    'order and weights both say what an epoch has',
  )
})

it('samples are padded before they are stacked', async () => {
  const pad: BeforeBatch = {
    name: 'pad',
    encodeSamples(samples) {
      const n = Math.max(...samples.map(([x]) => (x as NdArray).data.length))
      return samples.map(([x, ...rest]) => {
        const { data } = x as NdArray
        return [
          ndArray(
            'int32',
            [n],
            Array.from({ length: n }, (_, i) => data[i] ?? 0),
          ),
          ...rest,
        ]
      })
    },
  }
  const ids = transformBlock({
    name: 'text',
    typeTfms: () => [
      (s: string) =>
        ndArray(
          'int32',
          [s.length],
          Array.from(s, (c) => c.charCodeAt(0)),
        ),
    ],
    beforeBatch: [pad],
  })
  const block = dataBlock({ blocks: [ids], splitter: indexSplitter([2]) })
  const dls = await block.dataLoaders(['a', 'abc', 'ab'], { bs: 2, shuffle: false })
  expect((await dls.oneBatch()).arrays[0]).toEqual(ndArray('int32', [2, 3], [97, 0, 0, 97, 98, 99]))
  expect(await block.summary(['a', 'abc', 'ab'])).toContain(
    '  pad → 2 × (int32 [3])\n  stacked → (int32 [2,3])',
  )
})
