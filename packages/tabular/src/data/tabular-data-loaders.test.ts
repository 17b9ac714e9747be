import {
  categoryBlock,
  colSplitter,
  describeData,
  indexSplitter,
  multiCategoryBlock,
  noSplitter,
  Random,
  regressionBlock,
} from '@espalier/data'
import { expect, it } from 'vitest'
import { CollabDataLoaders } from '../collab/data.js'
import { dfShrink } from '../frame/df-shrink.js'
import { Frame } from '../frame/frame.js'
import { categorify } from '../procs/categorify.js'
import { fillMissing } from '../procs/fill-missing.js'
import { normalize } from '../procs/normalize.js'
import { embSzRule, getEmbSz } from './emb-sz.js'
import { TabularDataLoaders } from './tabular-data-loaders.js'
import { tabularFrame } from './tabular-frame.js'

const random = new Random(5, 'people')
const frame = Frame.fromRows(
  Array.from({ length: 100 }, (_, i) => ({
    job: ['cook', 'clerk', 'baker'][random.int(3)]!,
    age: i === 3 ? null : 20 + random.int(40),
    pay: random.uniform(1, 9),
    held: i % 4 === 0,
    rich: random.int(2) === 1 ? 'yes' : 'no',
    tags: ['a b', 'b', '', 'c a'][random.int(4)]!,
  })),
)
const procs = [categorify(), fillMissing(), normalize()]
const base = { yNames: 'rich', catNames: ['job'], contNames: ['age', 'pay'], procs, bs: 16 } as const

it('gives the halves of rows and their targets, each row once an epoch', async () => {
  const dls = await TabularDataLoaders.fromFrame(frame, { ...base, splitter: colSplitter('held') })
  expect([dls.catNames, dls.contNames, dls.yNames]).toEqual([['job', 'age_na'], ['age', 'pay'], ['rich']])
  expect([dls.classes['job'], dls.vocab, dls.c]).toEqual([
    ['#na#', 'baker', 'clerk', 'cook'],
    ['no', 'yes'],
    2,
  ])
  expect([dls.train.n, dls.valid.n, dls.train.length, dls.valid.length]).toEqual([75, 25, 4, 2])
  const seen: number[] = []
  for await (const { arrays, indices, nInp } of dls.train.batches(1)) {
    const [cats, conts, y] = arrays
    expect(nInp).toBe(2)
    expect([cats!.dtype, cats!.shape]).toEqual(['int32', [16, 2]])
    expect([conts!.dtype, conts!.shape]).toEqual(['float32', [16, 2]])
    expect([y!.dtype, y!.shape]).toEqual(['int32', [16]])
    const rows = dls.rowsOf(arrays)
    for (const [k, i] of indices.entries()) {
      const id = Number(dls.train.dataset.id(i).replace('row ', ''))
      expect(rows.row(k)).toMatchObject({ job: frame.row(id)['job'], age: frame.row(id)['age'] })
      expect(dls.vocab[y!.data[k]!]).toBe(frame.row(id)['rich'])
    }
    seen.push(...indices)
  }
  expect(new Set(seen).size).toBe(64)
  expect(dls.train.order(1)).not.toEqual(dls.train.order(2))
})

it('goes on anywhere in an epoch with the same batches', async () => {
  const dls = await TabularDataLoaders.fromFrame(frame, { ...base, contNames: ['pay'], seed: 9 })
  const again = await TabularDataLoaders.fromFrame(frame, { ...base, contNames: ['pay'], seed: 9 })
  const all = []
  for await (const batch of dls.train.batches(2)) all.push(batch)
  const rest = []
  for await (const batch of again.train.batches(2, all[1]!.next)) rest.push(batch)
  expect(rest).toEqual(all.slice(2))
})

it('gives the rows of a large table in the same batches as one by one', async () => {
  const [n, width] = [30_000, 12]
  const names = Array.from({ length: width }, (_, i) => `x${i}`)
  const column = (c: number) => Float32Array.from({ length: n }, (_, i) => i + c / width)
  const made = names.map((_, c) => column(c))
  const columns = Object.fromEntries(names.map((name, c) => [name, made[c]!]))
  const large = Frame.fromColumns({ ...columns, y: column(0.5) })
  const dls = await TabularDataLoaders.fromFrame(large, {
    contNames: names,
    yNames: 'y',
    splitter: noSplitter(),
    bs: 700,
  })
  const seen = new Set<number>()
  for (const from of [0, 7001]) {
    for await (const { arrays, indices } of dls.train.batches(1, from)) {
      const [numbers, y] = arrays as readonly { readonly data: ArrayLike<number> }[]
      for (const [k, i] of indices.entries()) {
        if (from === 0) seen.add(i)
        const row = Array.from({ length: width }, (_, c) => numbers!.data[k * width + c])
        const expected = made.map((values) => values[i])
        if (String(row) !== String(expected) || y!.data[k] !== Math.fround(i + 0.5 / width)) {
          expect({ row, y: y!.data[k] }).toEqual({ row: expected, y: i })
        }
      }
    }
  }
  expect(seen.size).toBe(Math.floor(n / 700) * 700)
})

it('reads a sample as batches have it, also through other loaders', async () => {
  const dls = await TabularDataLoaders.fromFrame(frame, base)
  const [cats, conts, y] = (await dls.valid.dataset.sample(3, { split: 1, random })) as {
    data: unknown
    shape: number[]
  }[]
  const { arrays } = await dls.oneBatch({ valid: true })
  expect([...(cats!.data as Int32Array)]).toEqual([...arrays[0]!.data.subarray(6, 8)])
  expect([conts!.shape, y!.shape]).toEqual([[2], []])
  const smaller = dls.with({ bs: 5 })
  expect(smaller).toBeInstanceOf(TabularDataLoaders)
  expect((await smaller.oneBatch()).arrays[1]!.shape).toEqual([5, 2])
  expect(dls.newEmpty().train.n).toBe(0)
})

it('prepares new rows, of a frame or as objects', async () => {
  const dls = await TabularDataLoaders.fromFrame(frame, base)
  const rows = [
    { job: 'pirate', age: null, pay: 5 },
    { job: 'cook', age: 30, pay: 5 },
  ]
  for (const given of [rows, Frame.fromRows(rows)]) {
    const dl = dls.testDl(given)
    const batches = []
    for await (const batch of dl.batches()) batches.push(batch)
    expect(batches).toHaveLength(1)
    expect([...batches[0]!.arrays[0]!.data]).toEqual([0, 2, 3, 1])
    expect(batches[0]!.arrays).toHaveLength(2)
  }
  expect((await dls.newEmpty().testDl(rows).dataset.sample(0, { split: 1, random })).length).toBe(2)
  const labelled = dls.testDl([{ ...rows[1]!, rich: 'yes' }], { withLabels: true })
  for await (const { arrays } of labelled.batches()) expect([...arrays[2]!.data]).toEqual([1])
  expect(() => dls.testDl([{ ...rows[1]!, rich: 'maybe' }], { withLabels: true })).toThrow(
    "row 0 holds 'maybe' in the target 'rich'",
  )
  expect(() => dls.testDl('cook' as never)).toThrow('must be a list or a frame')
})

it('tells other data from its own, for runs that go on', async () => {
  const hash = async (bytes: Uint8Array) => String(bytes.reduce((h, b) => (Math.imul(h, 31) + b) | 0, 7))
  const told = async (from: Frame, options = {}) =>
    describeData(await TabularDataLoaders.fromFrame(from, { ...base, ...options }), { hash })
  const description = await told(frame)
  expect(description.train).toMatch(/^80 items, /)
  expect(await told(frame)).toEqual(description)
  expect((await told(frame.map('pay', (v, i) => (i === 50 ? 99 : v)))).train).not.toBe(description.train)
  expect(
    (await told(frame, { procs: [categorify({ unseen: 'error' }), fillMissing(), normalize()] })).transforms,
  ).not.toEqual(description.transforms)
})

it('shows rows as they were', async () => {
  const dls = await TabularDataLoaders.fromFrame(frame, base)
  const text = await dls.showBatch({ maxN: 3, valid: true }).toText()
  expect(text.split('\n')).toHaveLength(4)
  expect(text.split('\n')[0]!.split(/\s+/)).toEqual(['job', 'age', 'pay', 'rich'])
  const first = frame.row(Number(dls.valid.dataset.id(0).replace('row ', '')))
  expect(text.split('\n')[1]).toMatch(
    new RegExp(`^${String(first['job'])} +${String(first['age'])} .* ${String(first['rich'])}$`),
  )
  const { arrays } = await dls.oneBatch({ valid: true })
  expect(dls.cards({ ...(await dls.oneBatch({ valid: true })), arrays }, 1)[0]).toHaveLength(3)
})

it('predicts numbers, classes and labels', async () => {
  const target = async (options: object) => {
    const dls = await TabularDataLoaders.fromFrame(frame, { ...base, ...options } as never)
    const y = (await dls.oneBatch()).arrays.at(-1)!
    return { y: `${y.dtype} ${y.shape}`, c: dls.c, loss: dls.target!.loss }
  }
  const inputs = { catNames: ['job'], contNames: [] }
  expect(await target({})).toEqual({ y: 'int32 16', c: 2, loss: 'crossEntropy' })
  expect(await target({ ...inputs, yNames: 'pay' })).toEqual({ y: 'float32 16,1', c: 1, loss: 'mse' })
  const two = frame.assign({ one: (r) => Number(r['pay']) + 1 })
  const both = await TabularDataLoaders.fromFrame(two, { ...base, ...inputs, yNames: ['pay', 'one'] })
  expect([(await both.oneBatch()).arrays.at(-1)!.shape, both.c]).toEqual([[16, 2], 2])
  const flags = two.assign({ a: (r) => r['job'] === 'cook', b: (r) => Number(r['pay']) > 4 })
  const labels = await TabularDataLoaders.fromFrame(flags, { ...base, ...inputs, yNames: ['a', 'b'] })
  expect([(await labels.oneBatch()).arrays.at(-1)!.dtype, labels.vocab]).toEqual(['float32', ['a', 'b']])
  const tags = await TabularDataLoaders.fromFrame(
    frame.map('tags', (t) => t || null),
    { ...base, yNames: 'tags', yBlock: multiCategoryBlock(), labelDelim: ' ' },
  )
  expect([(await tags.oneBatch()).arrays.at(-1)!.shape, tags.vocab]).toEqual([
    [16, 3],
    ['a', 'b', 'c'],
  ])
  const years = await TabularDataLoaders.fromFrame(
    frame.filter((r) => r['age'] !== null),
    { ...base, contNames: ['pay'], yNames: 'age', yBlock: categoryBlock({ addNa: true }) },
  )
  expect(years.vocab.slice(1)).toEqual([...years.vocab.slice(1)].sort((a, b) => Number(a) - Number(b)))
})

it('draws rows by their weights, and splits as it is told', async () => {
  const weighted = await TabularDataLoaders.fromFrame(frame, {
    ...base,
    weights: (row) => Number(row['job'] === 'cook'),
  })
  for await (const { arrays } of weighted.train.batches())
    expect(new Set(weighted.rowsOf(arrays).column('job').values())).toEqual(new Set(['cook']))
  const named = await TabularDataLoaders.fromFrame(frame, { ...base, weights: 'pay' })
  expect(named.train.order(0)).toHaveLength(80)
  const whole = await TabularDataLoaders.fromFrame(frame, { ...base, splitter: noSplitter() })
  expect([whole.train.n, whole.valid.n]).toEqual([100, 0])
  const split = tabularFrame(frame, {
    ...{ yNames: 'pay', catNames: ['job'], contNames: [], procs },
    splits: [[5, 2], [9]],
  })
  expect(split.train.items.column('pay').values()).toEqual([frame.row(5)['pay'], frame.row(2)['pay']])
  expect(split.xs.names).toEqual(['job'])
  expect(split.show(2).toText()).toContain('pay')
})

it('tells columns apart where nobody says them', () => {
  const to = tabularFrame(frame.drop(['held', 'tags']), {
    yNames: 'rich',
    procs,
    splitter: indexSplitter([0, 1]),
  })
  expect([to.catNames, to.contNames]).toEqual([
    ['job', 'age_na'],
    ['age', 'pay'],
  ])
  expect(tabularFrame(frame, { yNames: 'rich', contNames: ['pay'], procs }).catNames).toEqual([])
})

it('tells large ids and fractions apart that a float32 does not', () => {
  const odd = Frame.fromColumns({
    id: [3e9, 3e9 + 1, 3e9, 5],
    share: [0.1, 0.7, 0.1, 0.7],
    y: ['a', 'b', 'a', 'b'],
  })
  const to = tabularFrame(odd, {
    yNames: 'y',
    catNames: ['id', 'share'],
    contNames: [],
    procs,
    splits: [[0, 1, 2], [3]],
  })
  expect(to.classes).toEqual({ id: ['#na#', '3000000000', '3000000001'], share: ['#na#', '0.1', '0.7'] })
  expect([...to.procs.halves({ id: 3e9 + 1, share: 0.1 }).cats.data]).toEqual([2, 1])
  expect(to.train.decode().rows()).toEqual(odd.drop(['y']).head(3).rows())
  expect(dfShrink(odd).column('id').at(1)).toBe(3e9 + 1)
})

it('sizes embeddings as fastai does', () => {
  expect([2, 3, 5, 8, 10, 17, 21, 32, 54, 100, 366, 1000, 10_000, 40_000].map(embSzRule)).toEqual([
    ...[2, 3, 4, 5, 6, 8, 9, 11, 15, 21, 44, 77, 278, 600],
  ])
  const to = tabularFrame(frame, { yNames: 'rich', catNames: ['job', 'held'], contNames: ['pay'], procs })
  expect(getEmbSz(to, { held: 7 })).toEqual([
    [4, 3],
    [3, 7],
  ])
  expect(() => getEmbSz(to, { pay: 7 })).toThrow("no column 'pay'")
})

it('loads ratings as pairs of codes', async () => {
  const ratings = Frame.fromRows(
    Array.from({ length: 50 }, (_, i) => ({
      userId: 1 + (i % 7),
      title: `film ${i % 5}`,
      rating: 0.5 * (1 + random.int(10)),
      at: i,
    })),
  )
  const dls = await CollabDataLoaders.fromFrame(ratings, { bs: 8, validPct: 0.3, seed: 2, range: [0.5, 5] })
  expect([dls.train.n, dls.valid.n, dls.c]).toEqual([35, 15, 1])
  expect(dls.classes).toEqual({
    userId: ['#na#', '1', '2', '3', '4', '5', '6', '7'],
    title: ['#na#', 'film 0', 'film 1', 'film 2', 'film 3', 'film 4'],
  })
  const { arrays, nInp } = await dls.oneBatch()
  expect(arrays.map((a) => `${a.dtype} ${a.shape}`)).toEqual(['int32 8,2', 'float32 8,1'])
  expect(nInp).toBe(1)
  expect(dls.rowsOf(arrays).names).toEqual(['userId', 'title'])
  const wrong = ratings.map('rating', (v, i) => (i === 7 ? 11 : v))
  await expect(CollabDataLoaders.fromFrame(wrong, { range: [0.5, 5] })).rejects.toThrow(
    "row 7 holds number 11 in column 'rating', ratings are from 0.5 to 5",
  )
  await expect(
    CollabDataLoaders.fromFrame(ratings.map('userId', (v, i) => (i === 3 ? null : v))),
  ).rejects.toThrow("row 3 has no value in column 'userId'")
})

const holes = frame.map('rich', (v, i) => (i === 7 ? null : v))
const bad: readonly (readonly [what: string, from: Frame, options: object, says: string])[] = [
  ['a row without a target', holes, {}, "row 7 has no value in the target 'rich'"],
  [
    'a number that is missing in the target',
    frame,
    { yNames: 'age', contNames: ['pay'] },
    "row 3 has no value in the target 'age'",
  ],
  [
    'an infinite target',
    frame.map('pay', (v, i) => (i === 4 ? Infinity : v)),
    { yNames: 'pay', contNames: ['age'] },
    "row 4 holds number Infinity in the target 'pay'",
  ],
  [
    'a class that only validates',
    frame.map('rich', (v, i) => (i === 4 ? 'maybe' : v)),
    { splits: [[0, 1, 2, 3, 5, 6], [4]], bs: 2 },
    "row 4 holds 'maybe' in the target 'rich', which is not among the classes of the training rows",
  ],
  ['a single class', frame.map('rich', () => 'no'), {}, "all training rows have 'no' in the target 'rich'"],
  [
    'a target that predicts itself',
    frame,
    { catNames: ['rich'] },
    "the target 'rich' is also among the columns that predict it",
  ],
  ['no target', frame, { yNames: [] }, 'nobody said which column is to be predicted'],
  ['an unknown target', frame, { yNames: 'Rich' }, "no column 'Rich'\n  → did you mean 'rich'?"],
  [
    'several classes',
    frame,
    { yNames: ['rich', 'job'], catNames: [] },
    'hold text, text: they are no one target',
  ],
  ['a text as a number', frame, { yBlock: regressionBlock() }, "the target 'rich' holds texts, not numbers"],
  [
    'labels in one text',
    frame,
    { yNames: 'tags', yBlock: multiCategoryBlock() },
    "the labels of column 'tags' must be taken apart",
  ],
  ['too few rows for a batch', frame, { bs: 128 }, 'a batch of 128 cannot be filled from 80 training rows'],
  ['a misspelt option', frame, { cat_names: [] }, 'did you mean catNames?'],
  ['overlapping parts', frame, { splits: [[0, 1], [1]] }, 'row 1 is on both sides of the split'],
  ['weights of another table', frame, { weights: [1, 2] }, 'there are 2 weights for 100 rows'],
  ['rows in place of a frame', [] as never, {}, 'a table is made ready from a frame'],
]

for (const [what, from, options, says] of bad) {
  it(`refuses ${what}`, async () => {
    await expect(TabularDataLoaders.fromFrame(from, { ...base, ...options } as never)).rejects.toThrow(says)
  })
}
