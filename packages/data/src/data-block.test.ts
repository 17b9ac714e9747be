import { describe, expect, it } from 'vitest'
import type { Block } from './blocks/block.js'
import { categoryBlock } from './blocks/category-block.js'
import { type DataBlockSpec, dataBlock } from './data-block.js'
import { SkipItem } from './load/skip-item.js'
import { type NdArray, ndArray } from './nd-array.js'
import { indexSplitter } from './split/index-splitter.js'
import { noSplitter } from './split/no-splitter.js'
import { randomSplitter } from './split/random-splitter.js'
import type { ItemTransform } from './transform/item-transform.js'

/** A number as a vector of one. */
const numberBlock = (itemTfms: readonly ItemTransform[] = []): Block<number, NdArray<'float32'>> => ({
  name: 'number',
  typeTfms: () => [(v: number) => ndArray('float32', [1], [v])],
  itemTfms,
})

const blocks = [numberBlock(), categoryBlock()] as const
type Row = readonly [value: number, label: string]
type Spec = Omit<DataBlockSpec<readonly Row[], Row, [...typeof blocks]>, 'blocks'>

const make = (spec: Spec = {}) =>
  dataBlock({ blocks, getX: (r: Row) => r[0], getY: (r: Row) => r[1], splitter: randomSplitter(), ...spec })

const rows: readonly Row[] = Array.from({ length: 20 }, (_, i) => [i, i % 2 ? 'odd' : 'even'])

describe('a data block', () => {
  it('goes from a source to batches', async () => {
    const dls = await make().dataLoaders(rows, { bs: 4, valBs: 3, seed: 1 })
    expect([dls.train.length, dls.valid.length]).toEqual([4, 2])
    expect([dls.c, dls.vocab]).toEqual([2, ['even', 'odd']])
    const { arrays, nInp, indices } = await dls.oneBatch()
    expect(nInp).toBe(1)
    expect(arrays[0].shape).toEqual([4, 1])
    expect([...arrays[1].data]).toEqual([...arrays[0].data].map((v) => v % 2))
    expect(indices.map((i) => dls.train.dataset.id(i))[0]).toMatch(/^item \d+$/)
  })

  it('makes fresh transforms for every data set, so that no vocabulary is shared', async () => {
    const block = make({ splitter: noSplitter() })
    const one = await block.dataLoaders(rows, { bs: 2 })
    const other = await block.dataLoaders(
      [
        [1, 'a'],
        [2, 'b'],
        [3, 'c'],
      ],
      { bs: 2 },
    )
    expect(one.vocab).toEqual(['even', 'odd'])
    expect(other.vocab).toEqual(['a', 'b', 'c'])
  })

  it('lists items, also from a promise', async () => {
    const block = dataBlock({
      blocks,
      getItems: async (n: number) => rows.slice(0, n),
      getX: ([v]) => v,
      getY: async ([, l]) => l,
    })
    expect((await block.datasets(10)).items).toHaveLength(10)
    await expect(block.datasets(0)).rejects.toThrow('there are no items\n  → look at what getItems returns')
  })

  it('takes one getter per block, or reads the item itself', async () => {
    const pair = dataBlock({
      blocks: [numberBlock(), numberBlock(), categoryBlock()],
      getters: [(r: Row) => r[0], (r: Row) => -r[0], (r: Row) => r[1]],
      splitter: noSplitter(),
    })
    expect(pair.nInp).toBe(2)
    const { arrays, nInp } = await (await pair.dataLoaders(rows, { bs: 20, shuffle: false })).oneBatch()
    expect([nInp, arrays[0].data[3], arrays[1].data[3]]).toEqual([2, 3, -3])

    const only = dataBlock({ blocks: [numberBlock()], splitter: noSplitter() })
    expect(only.nInp).toBe(1)
    const batch = await (await only.dataLoaders([5, 6], { bs: 2, shuffle: false })).oneBatch()
    expect([...batch.arrays[0].data]).toEqual([5, 6])
    expect(dataBlock({ blocks: [numberBlock(), numberBlock()], nInp: 2 }).nInp).toBe(2)
  })

  it('merges the transforms of its blocks with the user’s, which win', () => {
    const t = (name: string, by: number): ItemTransform => ({ name, encode: (e) => (e as number) + by })
    const mine = t('scale', 2)
    const block = dataBlock({
      blocks: [numberBlock([t('scale', 1), t('round', 1)])],
      itemTfms: [mine],
    })
    expect(block.itemTfms.map((x) => x.name)).toEqual(['round', 'scale'])
    expect(block.itemTfms[1]).toBe(mine)
  })
})

describe('bad input', () => {
  const failure = (spec: Spec, source = rows) => make(spec).dataLoaders(source, { bs: 2 })

  it('an empty source', async () => {
    const error = await failure({}, []).catch((e: unknown) => e)
    expect(error).toMatchObject({
      code: 'block/no-items',
      message: 'there are no items\n  → the list that was given is empty',
    })
  })

  it('a source that is no list, without getItems', async () => {
    const wrongSource = (source: unknown, message: string) =>
      expect(failure({}, source as Row[])).rejects.toThrow(message)
    await wrongSource(
      'pets',
      'the items are string "pets", not a list\n  → give a list of items, or say how to list',
    )
    await wrongSource(null, 'the items are null, not a list')
    await wrongSource(new Map(), 'the items are Map, not a list')
    expect((await failure({}, Promise.resolve(rows) as unknown as Row[])).train).toHaveLength(8)
  })

  it('getItems that throws, or returns no list', async () => {
    const listing = (getItems: unknown) =>
      dataBlock({ blocks, getItems: getItems as (s: string) => Row[], getX: (r) => r[0], getY: (r) => r[1] })
    const broken = () => {
      throw new Error('no such table')
    }
    await expect(listing(broken).datasets('db')).rejects.toThrow(
      "listing the items of 'db' failed: no such table",
    )
    await expect(listing(() => undefined).datasets('db')).rejects.toThrow(
      "getItems returned undefined of 'db', not a list\n  → getItems must return the items of a source",
    )
    await expect(listing(() => []).datasets('db')).rejects.toThrow(
      "there are no items under 'db'\n  → look at what getItems returns for this source",
    )
  })

  it('a description that is none', () => {
    const make = (spec: unknown) => () => dataBlock(spec as Spec & { blocks: typeof blocks })
    expect(make(undefined)).toThrow(
      'a data block is described by an object, got undefined\n  → say dataBlock({',
    )
    expect(make({})).toThrow('a data block needs a list of blocks, got undefined')
    expect(make({ blocks: [] })).toThrow('a data block needs a list of blocks, got []')
    expect(make({ blocks: [numberBlock(), categoryBlock] })).toThrow(
      'block 1 is function categoryBlock, not a block\n  → call it: categoryBlock()',
    )
    expect(make({ blocks: ['image'] })).toThrow(
      'block 0 is string "image", not a block\n  → use imageBlock(), categoryBlock()',
    )
    expect(make({ blocks, getY: 'label' })).toThrow('getY must be a function of an item, got string "label"')
    expect(make({ blocks, getItems: rows.slice(0, 1) })).toThrow(
      'getItems must be a function of an item, got [[0,"even"]]',
    )
    expect(make({ blocks, getters: 1 })).toThrow('getters must be a list, got number 1')
    expect(make({ blocks, getters: [String, 'x'] })).toThrow('getter 1 must be a function of an item')
    for (const nInp of [0, 3, 1.5, '1'])
      expect(make({ blocks, nInp })).toThrow('nInp must be a whole number from 1 to 2, got')
  })

  it('transforms that are none, or for the other place', () => {
    const make = (spec: object) => () => dataBlock({ blocks, ...spec } as Spec & { blocks: typeof blocks })
    const item: ItemTransform = { name: 'crop', encode: (e) => e }
    const batch = { name: 'flip', encode: () => [], host: (a: readonly NdArray[]) => a }
    expect(make({ itemTfms: item })).toThrow(
      'itemTfms must be a list, got {"name":"crop"}\n  → put it in a list: itemTfms: […]',
    )
    function augment() {
      return [batch]
    }
    expect(make({ batchTfms: augment })).toThrow(
      'batchTfms must be a list, got function augment\n  → call it: batchTfms: augment()',
    )
    expect(make({ itemTfms: [augment] })).toThrow(
      'itemTfms holds function augment, which is no transform\n  → call it: augment(…)',
    )
    expect(make({ batchTfms: [[batch]] })).toThrow(
      'batchTfms holds a list, which is no transform\n  → spread it',
    )
    expect(make({ itemTfms: [224] })).toThrow('itemTfms holds number 224, which is no transform')
    expect(make({ itemTfms: [batch] })).toThrow(
      "itemTfms holds 'flip', which is for batchTfms\n  → move it to batchTfms",
    )
    expect(make({ batchTfms: [item] })).toThrow(
      "batchTfms holds 'crop', which is for itemTfms\n  → move it to itemTfms",
    )
    expect(make({ itemTfms: [item], batchTfms: [batch] })).not.toThrow()
  })

  it('a split without training items, or without validation items', async () => {
    await expect(failure({ splitter: () => [[], [0]] })).rejects.toThrow(
      'the splitter left no training item out of 20\n  → hold out fewer',
    )
    await expect(failure({ splitter: indexSplitter([]) })).rejects.toThrow(
      'the validation set is empty: the splitter held out none of 20 items\n  → hold out more, or say splitter: noSplitter()',
    )
    await expect(failure({}, rows.slice(0, 4))).rejects.toThrow('the splitter held out none of 4 items')
    expect((await failure({ splitter: noSplitter() })).valid).toHaveLength(0)
  })

  it('one class, and a class in validation alone', async () => {
    await expect(failure({ getY: () => 'cat' })).rejects.toThrow(
      "all training items have the label 'cat'\n  → a classifier needs at least two classes: check the label function and the folders",
    )
    await expect(
      failure({ getY: ([v]) => (v === 3 ? 'rare' : String(v % 2)), splitter: indexSplitter([3, 4]) }),
    ).rejects.toThrow(
      'validation items have labels that no training item has: rare\n  → move some of these items to the training set, or use categoryBlock({ addNa: true })',
    )
  })

  const wrong = (value: unknown) => failure({ getY: () => value as string })

  it('labels that are missing or no strings', async () => {
    await expect(wrong(undefined)).rejects.toThrow(
      /^the label function returned undefined for \[\d+,"(odd|even)"\]\n {2}→ it must return one value/,
    )
    await expect(wrong(null)).rejects.toThrow('the label function returned null for [')
    await expect(wrong(Promise.resolve(undefined))).rejects.toThrow('returned undefined for [')
    await expect(wrong(7)).rejects.toThrow(
      /^the label function returned number 7 for \[\d+,"(odd|even)"\]\n {2}→ a label must be a string: String\(label\); to predict the number itself use regressionBlock\(\)$/,
    )
    await expect(wrong(['odd'])).rejects.toThrow('the label function returned ["odd"] for [')
  })

  it('a label function that throws, at once or later', async () => {
    const broken = (): string => {
      throw new RangeError('no such part')
    }
    for (const getY of [broken, async () => broken()]) {
      const error = await failure({ getY }).catch((e: unknown) => e)
      expect(error).toMatchObject({ code: 'label/failed' })
      expect((error as Error).message).toMatch(/^the label function threw "no such part" for \[\d+,/)
      expect((error as Error).cause).toBeInstanceOf(RangeError)
    }
  })

  it('an input that cannot be read is left out, where it says so', async () => {
    const dls = await failure({
      getX: ([v]) => {
        if (v === 5) throw new SkipItem('torn')
        return v
      },
      splitter: noSplitter(),
    })
    let n = 0
    for await (const { indices } of dls.train.with({ bs: 1 }).batches()) n += indices.length
    expect(n).toBe(19)
  })

  it('a label that is left out is not in the vocabulary', async () => {
    const dls = await failure({
      getY: ([v, label]) => {
        if (v === 5) throw new SkipItem('no label')
        return v === 5 ? 'never' : label
      },
      splitter: noSplitter(),
    })
    expect(dls.vocab).toEqual(['even', 'odd'])
    for await (const _ of dls.train.batches());
    expect([...dls.train.skipped.values()].map((s) => s.reason)).toEqual(['no label'])
  })

  it('too few getters', () => {
    const make = () =>
      dataBlock({
        blocks,
        getters: [(r: Row) => r[0]] as unknown as [(r: Row) => number, (r: Row) => string],
      })
    expect(make).toThrow('2 blocks need 2 getters, got 1')
  })

  it('a batch larger than the training set', async () => {
    const block = make({ splitter: noSplitter() })
    await expect(block.dataLoaders(rows, { bs: 32 })).rejects.toThrow(
      'a batch of 32 cannot be filled from 20 training items\n  → use bs: 16 or dropLast: false',
    )
    const single: Row[] = [[1, 'a']]
    await expect(
      dataBlock({ blocks: [numberBlock()], getX: (r: Row) => r[0], splitter: noSplitter() }).dataLoaders(
        single,
        {
          bs: 2,
        },
      ),
    ).rejects.toThrow('→ use dropLast: false')
    const whole = await block.dataLoaders(rows, { bs: 32, dropLast: false })
    expect((await whole.oneBatch()).indices).toHaveLength(20)
  })
})
