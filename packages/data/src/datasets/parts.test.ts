import { describe, expect, it } from 'vitest'
import { Categorize } from '../blocks/categorize.js'
import { type NdArray, ndArray } from '../nd-array.js'
import { Random } from '../random/random.js'
import type { Transform, TransformContext } from '../transform/transform.js'
import { datasets, tfmdLists } from './datasets.js'

const words = ['cat 1', 'dog 2', 'cat 3', 'owl 4', 'dog 5']
const number = (s: string) => Number(s.split(' ')[1])
const label = (s: string) => s.split(' ')[0]!
const labelled = [[number], [label, new Categorize({ vocab: ['cat', 'dog', 'owl'] })]] as const

describe('parts of a data set', () => {
  it('are as many as the splits', async () => {
    const dsets = await datasets(words, labelled, { splits: [[0, 1], [2], [3, 4]] })
    expect(dsets.subset(0)).toBe(dsets.train)
    expect(dsets.subset(1)).toBe(dsets.valid)
    expect([dsets.subset(2).length, dsets.subset(2).id(1), dsets.subset(2).split]).toEqual([2, 'dog 5', 1])
    expect(() => dsets.subset(3)).toThrow('there is no part 3: the items have 3')
  })

  it('say which items they share', async () => {
    const dsets = await datasets(words, labelled, { splits: [[0, 1, 2], [2, 1], [4]] })
    expect(dsets.overlappingSplits()).toEqual([1, 2])
    expect((await datasets(words, labelled)).overlappingSplits()).toEqual([])
  })

  it('are transformed as those of their split are, or as one says', async () => {
    const noisy: Transform<string, number> = { name: 'noise', splitIdx: 0, encode: () => -1 }
    const dsets = await datasets(words, [[number, noisy as Transform]], { splits: [[0], [1]] })
    expect(await dsets.train.sample(0)).toEqual([-1])
    expect(await dsets.valid.sample(0)).toEqual([2])
    expect(await dsets.valid.withSplit(0).sample(0)).toEqual([-1])
    const asValidation: TransformContext = { split: 1, random: new Random(1, 'test') }
    expect(await dsets.train.withSplit(0).sample(0, asValidation)).toEqual([-1])
    expect(dsets.train.withSplit(0).recipe).toBeUndefined()
  })
})

it('samples are decoded and shown, whole or as far as they can be shown', async () => {
  const dsets = await datasets(words, labelled)
  const sample = await dsets.train.sample(1)
  expect(dsets.decode(sample)).toEqual([2, 'dog'])
  expect(dsets.decode(sample, { full: false })[1]).toMatchObject({ kind: 'category' })
  expect(dsets.show(sample)).toEqual([{ text: 'number 2' }, { text: 'dog' }])
  const image = ndArray('uint8', [1, 1, 1], [3], 'image')
  expect(dsets.show([image, ndArray('int32', [], [2], 'category')])).toEqual([
    { pixels: image },
    { text: 'owl' },
  ])
  const long = ndArray('float32', [9], [0.1, 1, 2, 3, 4, 5, 6, 7, 8])
  expect((await datasets(words, [[number]])).show([long])).toEqual([{ text: '0.1, 1, 2, 3, 4, 5, 6, 7, …' }])
})

it('a list that a single pipeline makes is decoded and shown as one', async () => {
  const pair: Transform<string, readonly NdArray[]> = {
    name: 'pair',
    encode: (s) => [ndArray('float32', [], [number(s)]), ndArray('float32', [], [s.length])],
    decode: ([a]) => `cat ${a!.data[0]}`,
  }
  const lists = await tfmdLists(words, [pair], { nInp: 1 })
  const sample = await lists.train.sample(2)
  expect(sample).toHaveLength(2)
  expect(lists.decode(sample)).toEqual(['cat 3'])
  expect(lists.show(sample)).toEqual([{ text: '3' }, { text: '5' }])
})

it('is set up on the training items, or on all where asked for', async () => {
  const vocab = async (trainSetup?: boolean) => {
    const c = new Categorize()
    const options = { splits: [[0, 1], [2]] as const, ...(trainSetup !== undefined && { trainSetup }) }
    await datasets(words.slice(0, 4), [[number], [label, c]], options)
    return c.vocab
  }
  expect(await vocab()).toEqual(['cat', 'dog'])
  expect(await vocab(false)).toEqual(['cat', 'dog', 'owl'])
  await expect(datasets(words, labelled, { split: [] } as object)).rejects.toThrow('did you mean splits?')
})
