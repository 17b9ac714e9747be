import { DataLoader, DataLoaders, Datasets, multiCategoryBlock, Pipeline, Random } from '@espalier/data'
import { expect, it } from 'vitest'
import { Frame } from '../frame/frame.js'
import { categorify } from '../procs/categorify.js'
import { fillMissing } from '../procs/fill-missing.js'
import { normalize } from '../procs/normalize.js'
import { type HalfTransform, halfFromJson } from './half-transform.js'
import { TabularDataLoaders } from './tabular-data-loaders.js'

const frame = Frame.fromRows(
  Array.from({ length: 40 }, (_, i) => ({
    job: 'abc'[i % 3]!,
    age: i % 8 ? 20 + i : null,
    tags: ['x y', 'y', 'x'][i % 3]!,
  })),
)
const options = {
  catNames: ['job'],
  contNames: ['age'],
  procs: [categorify(), fillMissing(), normalize()],
  bs: 8,
}
const context = { split: 1, random: new Random(1, 'test') }

/** What an exported model brings along, made again from JSON. */
function loaded(dls: TabularDataLoaders) {
  const pipelines = dls.datasets.pipelines.slice(0, -1).map((p) => {
    const [half] = p.transforms as unknown as [HalfTransform]
    return new Pipeline<never>([halfFromJson(half.half, JSON.parse(JSON.stringify(half.toJSON())))])
  })
  const datasets = new Datasets<never>([], pipelines, [[], []], pipelines.length)
  const loader = new DataLoader(datasets.train, { nInp: pipelines.length, bs: 8 })
  return new DataLoaders(loader, loader, { datasets, target: dls.target })
}

it('prepares a row in a loaded model as it was trained on', async () => {
  const dls = await TabularDataLoaders.fromFrame(frame, {
    ...options,
    yNames: 'job',
    catNames: [],
    splits: [
      [0, 1, 2, 3, 4, 5, 6, 7, 8],
      [9, 10],
    ],
  })
  const again = loaded(dls)
  const row = { age: 33, of: ['no', 'interest'] }
  const [cats, conts] = (await again.testDl([row]).dataset.sample(0, context)) as {
    data: Int32Array | Float32Array
    shape: number[]
  }[]
  const here = (await dls.testDl([row]).dataset.sample(0, context)) as (typeof cats)[]
  expect([cats!.shape, [...cats!.data]]).toEqual([[1], [1]])
  expect([...conts!.data]).toEqual([...here[1]!.data])
  expect(dls.datasets.pipelines[1]!.shown(conts as never)).toEqual({ text: 'age 33' })
})

it('reads the targets of new rows in a loaded model', async () => {
  const dls = await TabularDataLoaders.fromFrame(frame, {
    ...options,
    yNames: 'tags',
    yBlock: multiCategoryBlock(),
    labelDelim: ' ',
  })
  const again = TabularDataLoaders.from(loaded(dls as TabularDataLoaders))
  expect([again.catNames, again.yNames, again.vocab]).toEqual([['job', 'age_na'], ['tags'], ['x', 'y']])
  const dl = again.testDl(frame.head(3), { withLabels: true })
  for await (const { arrays } of dl.batches()) expect([...arrays[2]!.data]).toEqual([1, 1, 0, 1, 1, 0])
  expect(TabularDataLoaders.from(again)).toBe(again)
})

it('refuses what is no row, and loaders of something else', async () => {
  const dls = await TabularDataLoaders.fromFrame(frame, { ...options, yNames: 'tags' })
  const [half] = dls.datasets.pipelines[0]!.transforms as unknown as [HalfTransform]
  expect(() => half.encode('cook' as never)).toThrow(
    'a row is an object with a key for each column, got string "cook"',
  )
  const datasets = new Datasets<never>([], [], [[], []], 1)
  const loader = new DataLoader(datasets.train)
  expect(() => TabularDataLoaders.from(new DataLoaders(loader, loader, { datasets }))).toThrow(
    'not those of a table',
  )
})
