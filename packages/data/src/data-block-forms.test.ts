import { describe, expect, it } from 'vitest'
import { categoryBlock } from './blocks/category-block.js'
import { regressionBlock } from './blocks/regression-block.js'
import { transformBlock } from './blocks/transform-block.js'
import { DataBlock, dataBlock } from './data-block.js'
import { attrGetter } from './label/attr-getter.js'
import { colReader } from './label/col-reader.js'
import { itemGetter } from './label/item-getter.js'
import { indexSplitter } from './split/index-splitter.js'
import { noSplitter } from './split/no-splitter.js'

const number = transformBlock({ name: 'x', typeTfms: () => [(x: number) => x] })

describe('fromColumns', () => {
  it('reads each block from its column', async () => {
    const block = DataBlock.fromColumns({ blocks: [number, categoryBlock()], splitter: indexSplitter([2]) })
    const dls = await block.dataLoaders(
      [
        [1, 2, 3],
        ['a', 'b', 'a'],
      ],
      { bs: 2, shuffle: false },
    )
    const { arrays } = await dls.oneBatch()
    expect([[...arrays[0].data], [...arrays[1].data], dls.vocab]).toEqual([
      [1, 2],
      [0, 1],
      ['a', 'b'],
    ])
  })

  it('takes the columns of any source', async () => {
    const block = DataBlock.fromColumns({
      blocks: [number, regressionBlock()],
      getItems: async (table: { readonly n: number }) =>
        [
          [table.n, table.n + 1],
          [0.5, 1.5],
        ] as const,
      splitter: noSplitter(),
    })
    const dls = await block.dataLoaders({ n: 7 }, { bs: 2, shuffle: false })
    expect([...(await dls.oneBatch()).arrays[0].data]).toEqual([7, 8])
  })

  it('says which column is missing or too short', async () => {
    const block = DataBlock.fromColumns({ blocks: [number, categoryBlock()] })
    await expect(block.datasets([[1, 2], ['a']])).rejects.toThrow('column 1 has 1 values, column 0 has 2')
    await expect(block.datasets([[1, 2]] as never)).rejects.toThrow('2 blocks need 2 columns, got 1')
    await expect(block.datasets('table' as never)).rejects.toThrow(
      '2 blocks need 2 columns, got string "table"',
    )
  })
})

describe('a block with other transforms', () => {
  const tfm = (name: string) => ({ name, encode: (e: unknown) => e })

  it('keeps the rest', () => {
    const block = dataBlock({ blocks: [number, categoryBlock()], getY: String, itemTfms: [tfm('a')] })
    const other = block.new({ itemTfms: [tfm('b')] })
    expect([block.itemTfms[0]?.name, other.itemTfms.map((t) => t.name)]).toEqual(['a', ['b']])
    expect(other.spec.getY).toBe(block.spec.getY)
    expect(block.new().itemTfms.map((t) => t.name)).toEqual(['a'])
    expect(() => block.new({ itemTmfs: [] } as object)).toThrow('did you mean itemTfms?')
  })
})

it('getters read rows, by name or by place', async () => {
  const rows = [
    { file: 'cat', label: 'animal', size: 2 },
    { file: 'car', label: 'thing', size: 5 },
  ]
  const named = dataBlock({
    blocks: [transformBlock({ typeTfms: () => [(f: string) => f.length] }), number, categoryBlock()],
    getItems: (source: typeof rows) => source,
    getters: [colReader('file', { pref: 'a ', suff: '.jpg' }), attrGetter('size'), attrGetter('label')],
    splitter: noSplitter(),
  })
  const { arrays } = await (await named.dataLoaders(rows, { bs: 2, shuffle: false })).oneBatch()
  expect(arrays.map((a) => [...a.data])).toEqual([
    [9, 9],
    [2, 5],
    [0, 1],
  ])
  const placed = dataBlock({
    blocks: [number, categoryBlock()],
    getItems: (source: readonly (readonly [number, string])[]) => source,
    getters: [itemGetter(0), itemGetter(1)],
    splitter: noSplitter(),
  })
  const dls = await placed.dataLoaders(
    [
      [7, 'a'],
      [8, 'b'],
    ],
    { bs: 2, shuffle: false },
  )
  expect([...(await dls.oneBatch()).arrays[0].data]).toEqual([7, 8])
})

describe('bad input', () => {
  it('an option that there is not', async () => {
    const blocks = [number, categoryBlock()] as const
    const misspelt = { get_items: () => [] } as { readonly getItems?: () => number[] }
    expect(() => dataBlock({ blocks, getY: String, ...misspelt })).toThrow(
      "dataBlock has no option 'get_items'\n  → did you mean getItems?",
    )
    const block = dataBlock({ blocks, getY: (x: number) => String(x) })
    await expect(block.dataLoaders([1, 2], { batchSize: 2 } as object)).rejects.toThrow(
      "dataLoaders has no option 'batchSize'\n  → there are bs, valBs",
    )
    await expect(block.summary([1, 2], { batch: 2 } as object)).rejects.toThrow(
      "summary has no option 'batch'",
    )
  })

  it('a getter for the first and the last of three blocks', () => {
    const blocks = [number, number, categoryBlock()] as const
    expect(() => dataBlock({ blocks, getX: (x: number) => x, getY: String })).toThrow(
      '3 blocks need a getter each; getX and getY are for the first and the last\n  → say getters: [(item) => …, (item) => …, (item) => …]',
    )
  })

  it('a splitter whose sides overlap', async () => {
    const block = dataBlock({
      blocks: [number, categoryBlock()],
      getY: String,
      splitter: () => [[0, 1], [1]],
    })
    await expect(block.datasets([1, 2])).rejects.toThrow(
      'the splitter put 1 of 2 items on more than one side',
    )
    const meant = block.spec.splitter!
    const both = dataBlock({ ...block.spec, splitter: Object.assign(meant, { mayOverlap: true }) })
    expect(await both.summary([1, 2])).toContain(
      '2 items: 2 to train, 1 to validate\n! 1 of them lie on more',
    )
  })
})
