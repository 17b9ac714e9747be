import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { Categorize } from '../blocks/categorize.js'
import { Random } from '../random/random.js'
import type { Transform, TransformContext } from '../transform/transform.js'
import { datasets, tfmdLists } from './datasets.js'
import { pick } from './pick.js'

const context = (index = 0): TransformContext => ({ split: 0, random: new Random(1, 'test', index) })
const words = ['cat 1', 'dog 2', 'cat 3', 'owl 4']
const number = (s: string) => Number(s.split(' ')[1])
const label = (s: string) => s.split(' ')[0]!

it('sees items through one pipeline per element, set up on the training items alone', async () => {
  const splits = [[0, 1, 2], [0]] as const
  const dsets = await datasets(words, [[number], [label, new Categorize()]], { splits })
  expect(dsets.nInp).toBe(1)
  expect(dsets.train).toHaveLength(3)
  expect(dsets.valid.item(0)).toBe('cat 1')
  expect(dsets.train.id(1)).toBe('dog 2')
  const [x, y] = (await dsets.train.sample(1, context())) as [number, { data: Int32Array }]
  expect([x, y.data[0]]).toEqual([2, 1])
  expect(() => dsets.train.item(3)).toThrow('no item 3 among 3')
})

it('trains on everything when no split is given', async () => {
  const dsets = await datasets([1, 2], [[(n: number) => n]])
  expect([dsets.train.length, dsets.valid.length]).toEqual([2, 0])
  expect(dsets.train.id(1)).toBe('item 1')
})

it('names the pipeline that cannot be set up', async () => {
  const broken: Transform = {
    name: 'broken',
    encode: (x) => x,
    setup: () => {
      throw new Error('no memory')
    },
  }
  await expect(datasets(words, [[number], [label, broken]])).rejects.toThrow(
    'setting up pipeline 1 (label → broken): no memory',
  )
})

it('prepares other items with the same pipelines', async () => {
  const dsets = await datasets(words, [[number], [label, new Categorize()]])
  const over = dsets.over(['owl 9'], dsets.pipelines.slice(0, 1))
  expect(over.train).toHaveLength(0)
  expect(await over.valid.sample(0, context())).toEqual([9])
})

it('takes apart the list that a single pipeline makes', async () => {
  const lists = await tfmdLists(words, [(s: string) => [number(s), label(s)]], { nInp: 1 })
  expect(await lists.train.sample(1, context())).toEqual([2, 'dog'])
})

it('draws the same whichever pipeline is faster', async () => {
  const noisy =
    (wait: number) =>
    async (_: string, { random }: TransformContext) => {
      await sleep(wait)
      return random.uint32()
    }
  const drawn = async (first: number, second: number) => {
    const lists = [first, second].map((wait) => [{ name: 'noise', encode: noisy(wait) }])
    return (await datasets(words, lists)).train.sample(0, context())
  }
  expect(await drawn(8, 0)).toEqual(await drawn(0, 8))
})

it('picks samples in an order of its own', async () => {
  const dsets = await datasets(words, [[number], [label]])
  const some = pick(dsets.train, [3, 0])
  expect(some).toHaveLength(2)
  expect(some.id(0)).toBe('owl 4')
  expect(await some.sample(1, context())).toEqual([1, 'cat'])
  expect(() => some.id(2)).toThrow('no sample 2 among 2')
})
