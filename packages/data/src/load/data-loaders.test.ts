import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { Block } from '../blocks/block.js'
import { categoryBlock } from '../blocks/category-block.js'
import { dataBlock } from '../data-block.js'
import { type NdArray, ndArray } from '../nd-array.js'
import { indexSplitter } from '../split/index-splitter.js'
import type { BatchTransform } from '../transform/batch-transform.js'

const numberBlock: Block<number, NdArray<'float32'>, unknown, Promise<string>> = {
  name: 'number',
  typeTfms: () => [(v: number) => ndArray('float32', [1], [v])],
  render: async (cards) => JSON.stringify(await cards),
}
const items = [1, 2, 3, 4, 5, 6]

const shifted = (by: number, more: Partial<BatchTransform> = {}): BatchTransform => {
  const add = (arrays: readonly NdArray[], n: number) =>
    arrays.map((a, i) => (i === 0 ? { ...a, data: (a.data as Float32Array).map((v) => v + n) } : a))
  return {
    name: `shift${by}`,
    host: (arrays) => add(arrays, by),
    decodeHost: (arrays) => add(arrays, -by),
    ...more,
  }
}

const load = (batchTfms: readonly BatchTransform[] = []) =>
  dataBlock({
    blocks: [numberBlock, categoryBlock()],
    getY: (v: number) => (v % 2 ? 'odd' : 'even'),
    splitter: indexSplitter([4, 5]),
    batchTfms,
  }).dataLoaders(items, { bs: 2, shuffle: false })

describe('data loaders', () => {
  it('give the first batch of either side', async () => {
    const dls = await load()
    expect([...(await dls.oneBatch()).arrays[0].data]).toEqual([1, 2])
    expect([...(await dls.oneBatch({ valid: true })).arrays[0].data]).toEqual([5, 6])
    const none = dls.with({})
    none.valid.skipped.set(0, { index: 0, id: '', reason: '' })
    await expect(
      dataBlock({
        blocks: [numberBlock],
        splitter: Object.assign(() => [[0], []] as const, { mayBeEmpty: true }),
      })
        .dataLoaders([1], { bs: 1 })
        .then((d) => d.oneBatch({ valid: true })),
    ).rejects.toThrow('the validation loader has no batch\n  → it has no items')
  })

  it('change options of both sides and keep the rest', async () => {
    const dls = await load()
    const seven = dls.with({ bs: 1 })
    expect([seven.train.length, seven.valid.length]).toEqual([4, 2])
    expect([dls.train.length, seven.vocab]).toEqual([2, dls.vocab])
    expect(seven.train.options.split).toBe(0)
    expect(seven.valid.options.split).toBe(1)
  })

  it('prepare new items as the validation items are, with labels where asked for', async () => {
    const dls = await load()
    const test = dls.with({ shuffle: true, dropLast: true }).testDl([7, 8, 9])
    const batches = []
    for await (const b of test.batches()) batches.push(b)
    expect(batches.map((b) => b.indices.length)).toEqual([2, 1])
    expect(batches[0]!.arrays).toHaveLength(1)
    expect(test.dataset.id(2)).toBe('item 2')
    for await (const { arrays } of dls.testDl([7, 8], { withLabels: true, bs: 5 }).batches()) {
      expect([...arrays[1].data]).toEqual([1, 0])
    }
  })

  it('take lists of items', async () => {
    const dls = await load()
    expect(() => dls.testDl('photo.jpg' as unknown as string[])).toThrow(
      'the items to predict must be a list, got string "photo.jpg"\n  → put a single one in a list: [item]',
    )
  })

  it('say when the target is no category, or there is none', async () => {
    const dls = await dataBlock({
      blocks: [numberBlock, numberBlock],
      splitter: indexSplitter([0]),
    }).dataLoaders(items, { bs: 2 })
    expect(() => dls.vocab).toThrow(
      'these data loaders have no vocabulary: their target is no category\n  → make the last block a categoryBlock()',
    )
    expect(() => dls.c).toThrow(
      'the number of outputs cannot be told from these data loaders\n  → pass nOut to the learner',
    )
  })
})

describe('cards', () => {
  it('show samples with their transforms undone', async () => {
    const dls = await load([shifted(10), shifted(0.5, { decodeHost: (a) => a })])
    const cards = dls.cards(await dls.oneBatch())
    expect(cards).toEqual([
      [{ text: '1.5' }, { text: 'odd' }],
      [{ text: '2.5' }, { text: 'even' }],
    ])
    expect(dls.cards(await dls.oneBatch(), 1)).toHaveLength(1)
  })

  it('leave out what runs on the other split', async () => {
    const dls = await load([shifted(10, { splitIdx: 0, decodeHost: (a) => a })])
    expect(dls.cards(await dls.oneBatch())[0]![0]).toEqual({ text: '11' })
    expect(dls.cards(await dls.oneBatch({ valid: true }))[0]![0]).toEqual({ text: '5' })
  })

  it('are drawn by the first block', async () => {
    const dls = await load()
    expect(await dls.showBatch({ maxN: 1 })).toBe('[[{"text":"1"},{"text":"odd"}]]')
    expect(await dls.showBatch({ maxN: 1, valid: true })).toContain('"5"')
  })

  it('that cannot be made leave no failure behind where nobody looks at them', async () => {
    const unhandled: unknown[] = []
    const listen = (reason: unknown) => unhandled.push(reason)
    process.on('unhandledRejection', listen)
    try {
      const dls = await dataBlock({
        blocks: [
          {
            name: 'broken',
            typeTfms: () => [
              () => {
                throw new Error('unreadable')
              },
            ],
          } satisfies Block<number, NdArray>,
        ],
        splitter: indexSplitter([0]),
      }).dataLoaders(items, { bs: 2 })
      const table = dls.showBatch()
      await sleep(10)
      await expect(table.toText()).rejects.toThrow('unreadable')
      expect(unhandled).toEqual([])
    } finally {
      process.off('unhandledRejection', listen)
    }
  })
})
