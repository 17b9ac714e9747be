import { describe, expect, it } from 'vitest'
import { forAll } from '../../test/for-all.js'
import { dataBlock } from '../data-block.js'
import { collate } from '../load/collate.js'
import { ndArray } from '../nd-array.js'
import { indexSplitter } from '../split/index-splitter.js'
import { noSplitter } from '../split/no-splitter.js'
import { Pipeline } from '../transform/pipeline.js'
import type { AnyBlock } from './block.js'
import { Categorize } from './categorize.js'
import { categoryBlock } from './category-block.js'
import { EncodedMultiCategorize } from './encoded-multi-categorize.js'
import { MultiCategorize, type MultiCategorizeOptions } from './multi-categorize.js'
import { multiCategoryBlock } from './multi-category-block.js'
import { OneHotEncode } from './one-hot-encode.js'
import { regressionBlock } from './regression-block.js'
import { RegressionSetup } from './regression-setup.js'
import { transformBlock } from './transform-block.js'

async function* each<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items
}
const number = transformBlock({ name: 'x', typeTfms: () => [(x: number) => x] })
const context = { split: 1, random: undefined as never }

/** What a label function that returns this is told. */
const refused = (block: AnyBlock, label: unknown) =>
  dataBlock({ blocks: [number, block], getY: (() => label) as never, splitter: noSplitter() })
    .dataLoaders([1, 2], { bs: 1 })
    .then((dls) => dls.oneBatch())
    .then(
      () => 'taken',
      (error: Error) => error.message,
    )

describe('multiCategoryBlock', () => {
  const tagged = async (options: MultiCategorizeOptions = {}) => {
    const c = new MultiCategorize(options)
    await c.setup(each([['sea', 'day'], [], ['day', 'sun']]))
    return c
  }

  it('makes zeros and ones, a place for each label', async () => {
    const items = [['sea', 'day'], ['day', 'sun'], [], ['sun']]
    const block = dataBlock({
      blocks: [number, multiCategoryBlock()],
      getX: (tags: readonly string[]) => tags.length,
      getY: (tags) => tags,
      splitter: indexSplitter([3]),
    })
    const dls = await block.dataLoaders(items, { bs: 3, shuffle: false })
    expect([dls.vocab, dls.c, dls.target?.loss]).toEqual([['day', 'sea', 'sun'], 3, 'bceWithLogits'])
    const [, y] = (await dls.oneBatch()).arrays
    expect(y).toEqual(ndArray('float32', [3, 3], [1, 1, 0, 1, 0, 1, 0, 0, 0], 'multicategory'))
    expect(dls.cards(await dls.oneBatch()).map((card) => card[1])).toEqual([
      { text: 'day; sea' },
      { text: 'day; sun' },
      { text: '' },
    ])
  })

  it('encodes and decodes any set of labels', async () => {
    const vocab = ['a', 'b', 'c', 'd', 'e']
    const pipeline = new Pipeline<readonly string[]>([new MultiCategorize({ vocab }), new OneHotEncode()])
    await pipeline.setup(each([]))
    await forAll('labels', async (random) => {
      const labels = vocab.filter(() => random.uniform() < 0.5)
      const places = await pipeline.encode(labels, context)
      expect(pipeline.decode(places)).toEqual(labels)
      expect(pipeline.shown(places)).toEqual({ text: labels.join('; ') })
    })
  })

  it('reads labels above a threshold', async () => {
    const probabilities = Float32Array.of(0.9, 0.45, 0.2)
    expect((await tagged()).read(probabilities)).toEqual({ labels: ['day'], indices: [0], probabilities })
    expect((await tagged({ thresh: 0.4 })).read(probabilities).labels).toEqual(['day', 'sea'])
    expect((await tagged()).read(Float32Array.of(0, 0, 0)).labels).toEqual([])
    for (const thresh of [0, 1, Number.NaN, '0.5'])
      expect(() => new MultiCategorize({ thresh: thresh as number })).toThrow('thresh must be in (0, 1), got')
  })

  it('names labels that are not known, or has a place for them', async () => {
    const c = await tagged()
    expect(() => c.encode(['sea', 'fog'])).toThrow(
      'an item has labels that no training item has: fog\n  → the vocabulary is day, sea, sun: add them',
    )
    await expect(c.check(each([['fog'], ['rain']]))).rejects.toThrow(
      'validation items have labels that no training item has: fog, rain',
    )
    const na = await tagged({ addNa: true })
    expect(na.vocab).toEqual(['#na#', 'day', 'sea', 'sun'])
    expect([...na.encode(['fog', 'sun', 'rain']).data]).toEqual([0, 3])
    await na.check(each([['fog']]))
    await expect(new MultiCategorize().setup(each([[], []]))).rejects.toThrow('no training item has a label')
    expect(() => new MultiCategorize().vocab).toThrow('multiCategorize: not set up yet')
  })

  it('takes labels that are encoded already', async () => {
    const vocab = ['day', 'sea', 'sun']
    const t = new EncodedMultiCategorize({ vocab })
    expect(t.encode([1, false, true])).toEqual(ndArray('float32', [3], [1, 0, 1], 'multicategory'))
    expect(t.decode(t.encode([1, 0, 1]))).toEqual([1, 0, 1])
    expect(t.show(t.encode([0, 1, 1]))).toEqual({ text: 'sea; sun' })
    expect(() => t.encode([1, 0])).toThrow('an encoded label is 3 zeros and ones, got 2: [1,0]')
    expect(() => t.encode([1, 0, 0.5])).toThrow('an encoded label is 3 zeros and ones')
    expect(() => multiCategoryBlock({ encoded: true } as never)).toThrow('encoded labels need a vocabulary')
    const block = multiCategoryBlock({ encoded: true, vocab, thresh: 0.7 })
    expect(await refused(block, ['day'])).toContain('encoded labels are a list of zeros and ones')
    expect(await refused(block, [0, 1, 1])).toBe('taken')
  })

  it('is made again by what it writes down', async () => {
    const c = await tagged({ addNa: true, thresh: 0.25 })
    const again = new MultiCategorize(JSON.parse(JSON.stringify(c)) as MultiCategorizeOptions)
    expect([again.vocab, again.thresh, again.toJSON()]).toEqual([c.vocab, 0.25, c.toJSON()])
    const hot = new OneHotEncode({ c: 4 })
    expect(new OneHotEncode(hot.toJSON()).encode(ndArray('int32', [1], [3])).data[3]).toBe(1)
  })

  it('says what a label function must return', async () => {
    const block = multiCategoryBlock()
    expect(await refused(block, 'day sea')).toContain("return a list: text.split(' ')")
    expect(await refused(block, 3)).toContain('to predict a number use regressionBlock()')
    expect(await refused(block, [1, 0])).toContain('multiCategoryBlock({ encoded: true')
  })

  it('OneHotEncode says when it does not know its classes', () => {
    expect(() => new OneHotEncode().encode(ndArray('int32', [1], [0]))).toThrow(
      'put it behind multiCategorize',
    )
    expect(() => new OneHotEncode().setup(each([]), [])).toThrow('does not know how many classes')
    expect(() => new OneHotEncode().toJSON()).toThrow('does not know')
    expect(() => new OneHotEncode({ c: 2 }).encode(ndArray('int32', [1], [2]))).toThrow(
      'class 2 is not one of 2',
    )
  })
})

describe('regressionBlock', () => {
  const load = (block: AnyBlock, label: (x: number) => unknown) =>
    dataBlock({ blocks: [number, block], getY: label as never, splitter: noSplitter() }).dataLoaders([1, 2], {
      bs: 2,
      shuffle: false,
    })

  it('is a number or several', async () => {
    const one = await load(regressionBlock(), (x) => x / 2)
    expect((await one.oneBatch()).arrays[1]).toEqual(ndArray('float32', [2], [0.5, 1]))
    expect([one.c, one.target?.loss, one.target?.read(Float32Array.of(7.5))]).toEqual([1, 'mse', 7.5])
    const two = await load(regressionBlock({ nOut: 2 }), (x) => [x, -x])
    expect((await two.oneBatch()).arrays[1]).toEqual(ndArray('float32', [2, 2], [1, -1, 2, -2]))
    expect([two.c, two.target?.read(Float32Array.of(1, 2))]).toEqual([2, [1, 2]])
    expect(two.cards(await two.oneBatch())[1]![1]).toEqual({ text: '2, -2' })
    expect(() => one.vocab).toThrow('these data loaders have no vocabulary')
  })

  it('undoes what it did', () =>
    forAll('numbers', (random) => {
      const n = 1 + random.int(4)
      const t = new RegressionSetup({ nOut: n })
      const y =
        n === 1 ? Math.fround(random.normal()) : Array.from({ length: n }, () => Math.fround(random.normal()))
      expect(t.decode(t.encode(y))).toEqual(y)
      expect(new RegressionSetup(t.toJSON()).c).toBe(n)
    }))

  it('says what a label function must return', async () => {
    const one = regressionBlock()
    expect(await refused(one, '3.5')).toContain('a target must be a number: Number(text)')
    expect(await refused(one, 'cat')).toContain('to predict labels use categoryBlock()')
    expect(await refused(one, Number.NaN)).toContain('a target must be a finite number')
    expect(await refused(one, [1, 2, 3])).toContain('for several numbers say regressionBlock({ nOut: 3 })')
    const two = regressionBlock({ nOut: 2 })
    expect(await refused(two, 1)).toContain('return a list of 2 numbers')
    expect(await refused(two, [1])).toContain('it must have nOut: 2 numbers, it has 1')
    expect(await refused(two, [1, Number.POSITIVE_INFINITY])).toContain('targets must be finite numbers')
    expect(() => regressionBlock({ nOut: 0 })).toThrow('nOut must be a whole number ≥ 1, got 0')
    expect(() => regressionBlock({ n_out: 2 } as object)).toThrow('did you mean nOut?')
    expect(() => new RegressionSetup().encode('a' as never)).toThrow('string "a" cannot be a target')
  })
})

describe('categoryBlock', () => {
  it('may keep the order of the training items', async () => {
    const c = new Categorize({ sort: false })
    await c.setup(each(['b', 'a', 'b']))
    expect(c.vocab).toEqual(['b', 'a'])
  })

  it('says what to do with numbers and lists', async () => {
    expect(await refused(categoryBlock(), 3)).toContain('use regressionBlock()')
    expect(await refused(categoryBlock(), ['a'])).toContain('use multiCategoryBlock()')
    expect(() => categoryBlock({ vocabulary: ['a'] } as object)).toThrow("has no option 'vocabulary'")
  })
})

describe('transformBlock', () => {
  it('is a block of steps, and of what is done to samples and batches', async () => {
    const block = transformBlock({
      name: 'length',
      typeTfms: () => [(word: string) => word.length],
      itemTfms: [{ name: 'half', encode: (e) => (e as number) / 2 }],
      beforeBatch: [
        { name: 'sorted', encodeSamples: (s) => [...s].sort(([a], [b]) => (a as number) - (b as number)) },
      ],
      accepts: (raw) => (raw === '' ? 'give a word' : undefined),
    })
    const words = dataBlock({ blocks: [block], splitter: noSplitter() })
    const { arrays } = await (await words.dataLoaders(['abcd', 'ab'], { bs: 2, shuffle: false })).oneBatch()
    expect(arrays[0]).toEqual(ndArray('float32', [2], [1, 2]))
    expect(() => transformBlock({ typeTfm: [] } as object)).toThrow('did you mean typeTfms?')
  })

  it('takes arrays as they are without steps', async () => {
    const arrays = [1, 2].map((v) => ndArray('float32', [1], [v]))
    const dls = await dataBlock({ blocks: [transformBlock()], splitter: noSplitter() }).dataLoaders(arrays, {
      bs: 2,
      shuffle: false,
    })
    expect((await dls.oneBatch()).arrays).toEqual(
      collate(
        arrays.map((a) => [a]),
        ['0', '1'],
      ),
    )
  })
})
