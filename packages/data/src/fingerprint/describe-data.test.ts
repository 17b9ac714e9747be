import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { forAll } from '../../test/for-all.js'
import { categoryBlock } from '../blocks/category-block.js'
import { transformBlock } from '../blocks/transform-block.js'
import { dataBlock } from '../data-block.js'
import { DataLoader } from '../load/data-loader.js'
import { DataLoaders } from '../load/data-loaders.js'
import type { LoaderOptions } from '../load/loader-options.js'
import { partialDl } from '../load/order.js'
import { ndArray } from '../nd-array.js'
import { indexSplitter } from '../split/index-splitter.js'
import { ContentDigest } from './content-digest.js'
import { describeData } from './describe-data.js'
import { writeValue } from './write-value.js'

const hash = async (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
const rows = [
  { text: 'a b', tags: ['x'], label: 'p' },
  { text: 'c', tags: [], label: 'q' },
  { text: 'd', tags: ['x', 'y'], label: 'p' },
]
type Row = (typeof rows)[number]
const load = (
  items: readonly Row[] = rows,
  { valid = [2], ...options }: LoaderOptions & { readonly valid?: readonly number[] } = {},
) =>
  dataBlock({
    blocks: [transformBlock({ typeTfms: () => [(s: string) => s.length] }), categoryBlock()],
    getX: (r: Row) => r.text,
    getY: (r) => r.label,
    splitter: indexSplitter(valid),
    itemTfms: [{ name: 'noise', toJSON: () => ({ p: 0.5 }), encode: (e) => e }],
  }).dataLoaders(items, { bs: 2, ...options })
const digest = async (x: unknown) => {
  const out = new ContentDigest(hash)
  writeValue(out, x)
  return out.digest()
}

describe('describeData', () => {
  it('says what the data is, field by field', async () => {
    expect(await describeData(await load(), { hash })).toEqual({
      train: expect.stringMatching(/^2 items, [0-9a-f]{16}$/),
      valid: expect.stringMatching(/^1 items, [0-9a-f]{16}$/),
      vocab: expect.stringMatching(/^2 classes, [0-9a-f]{16}$/),
      bs: [2, 2],
      transforms: {
        pipelines: [['getX', 'function'], ['getY']],
        itemTfms: [{ name: 'noise', options: { p: 0.5 } }],
        beforeBatch: [],
        batchTfms: [],
      },
      order: { shuffle: true, dropLast: true, order: null },
    })
  })

  it('changes in the field of what has changed, and in no other', async () => {
    const was = await describeData(await load(), { hash })
    const changed = async (dls: Parameters<typeof describeData>[0]) => {
      const now = await describeData(dls, { hash })
      return Object.keys(now).filter((field) => JSON.stringify(now[field]) !== JSON.stringify(was[field]))
    }
    expect(await changed(await load())).toEqual([])
    expect(
      await changed(await load(rows.map((r) => ({ label: r.label, tags: [...r.tags], text: r.text })))),
    ).toEqual([])
    const edited = (i: number, more: Partial<Row>) => rows.map((r, j) => (i === j ? { ...r, ...more } : r))
    expect(await changed(await load(edited(0, { tags: ['z'] })))).toEqual(['train'])
    expect(await changed(await load(edited(2, { text: 'e' })))).toEqual(['valid'])
    expect(await changed(await load(edited(1, { label: 'r' })))).toEqual(['train', 'vocab'])
    expect(await changed(await load(rows, { valid: [0] }))).toEqual(['train', 'valid'])
    expect(await changed(await load(rows, { bs: 1 }))).toEqual(['bs'])
    expect(await changed(await load(rows, { shuffle: false, dropLast: true }))).toEqual(['order'])
    expect(await changed(await load(rows, { order: partialDl(2) }))).toEqual(['order'])
    expect(await changed((await load()).with({ batchTfms: [{ name: 'flip', host: (a) => a }] }))).toEqual([
      'transforms',
    ])
  })

  it('looks at the sizes of files where it can', async () => {
    const files = (size: number) => {
      const block = dataBlock({
        blocks: [transformBlock({ typeTfms: () => [(s: string) => s.length] })],
        splitter: indexSplitter([0]),
      })
      const stat = async (path: string) => (path === 'b.jpg' ? size : undefined)
      return block
        .dataLoaders(['a.jpg', 'b.jpg', 'two\nlines'], { bs: 1 })
        .then((dls) => describeData(dls, { hash, stat }))
    }
    const [one, again, other] = [await files(10), await files(10), await files(11)]
    expect(again).toEqual(one)
    expect([other.train === one.train, other.valid]).toEqual([false, one.valid])
  })

  it('asks a data set that knows better, and takes names where there are no items', async () => {
    const own = (content: string | undefined, names: readonly string[]) => ({
      length: names.length,
      id: (i: number) => names[i]!,
      sample: async () => [0],
      ...(content !== undefined && {
        async *fingerprint() {
          yield content
          yield Uint8Array.of(1, 2)
        },
      }),
    })
    const described = (content: string | undefined, names: readonly string[]) =>
      describeData(DataLoaders.fromDsets([own(content, names), own(content, ['v'])], { bs: 1 }), { hash })
    expect((await described('x', ['a', 'b'])).train).toBe((await described('x', ['c', 'd'])).train)
    expect((await described('x', ['a'])).train).not.toBe((await described('y', ['a'])).train)
    expect((await described(undefined, ['a'])).train).not.toBe((await described(undefined, ['b'])).train)
  })

  it('takes seconds for a million items', async () => {
    const n = 200_000
    const many = {
      length: n,
      id: (i: number) => `${i}`,
      sample: async () => [0],
      recipe: { pipelines: [], item: (i: number) => ({ text: `item ${i}`, y: i }) },
    }
    const none = { ...many, length: 0 }
    const from = performance.now()
    await describeData(DataLoaders.fromDsets([many, none], { bs: 1 }), { hash })
    expect((performance.now() - from) * (1e6 / n)).toBeLessThan(60_000)
  })
})

describe('the digest of a content', () => {
  it('is the same for equal values and no others', async () => {
    const values = [
      ...['', 'a', 'ab', ['a', 'b'], ['ab'], [['a'], 'b'], 'é', 'e\u0301', 'x'.repeat(100), 'é'.repeat(50)],
      ...[0, 1, -0, 1.5, Number.NaN, true, false, null, undefined, 1n],
      ...[
        {},
        [],
        { a: 1 },
        { a: '1' },
        { b: 1 },
        { a: 1, b: 2 },
        new Date(0),
        new Date(1),
        new Map(),
        itself,
      ],
      ...[Uint8Array.of(1), Int8Array.of(1), ndArray('uint8', [1], [1]), ndArray('uint8', [1, 1], [1])],
      ...[ndArray('uint8', [1], [1], 'mask'), ndArray('int32', [1], [1])],
    ]
    const all = await Promise.all(values.map(digest))
    expect(new Set(all).size).toBe(values.length)
    expect(await Promise.all(values.map(digest))).toEqual(all)
    expect(await digest({ b: 2, a: 1 })).toBe(await digest({ a: 1, b: 2 }))
    const ring: unknown[] = []
    ring.push(ring)
    expect(await digest(ring)).toMatch(/^[0-9a-f]{64}$/)
  })

  it('does not depend on how a content lies in its pieces', () =>
    forAll(
      'pieces',
      async (random) => {
        const texts = Array.from({ length: 5 }, () => 'xé'[random.int(2)]!.repeat(random.int(2 ** 19)))
        expect(await digest(texts)).toBe(await digest([...texts]))
        const other = texts.map((t, i) => (i === 3 ? `${t}!` : t))
        expect(await digest(other)).not.toBe(await digest(texts))
        const bytes = new Uint8Array(2 ** 20 + random.int(2 ** 20)).fill(random.int(256))
        const changed = bytes.slice()
        changed[random.int(bytes.length)]! ^= 1
        expect(await digest(bytes)).not.toBe(await digest(changed))
      },
      { times: 6 },
    ))
})

function itself() {}

it('loaders without a vocabulary have none', async () => {
  const ds = { length: 1, id: () => 'a', sample: async () => [0] }
  const dls = DataLoaders.fromDsets([ds, ds], { bs: 1 })
  expect((await describeData(dls, { hash })).vocab).toBeNull()
  expect(dls.train).toBeInstanceOf(DataLoader)
})
