import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { multiCategoryBlock, regressionBlock } from '@espalier/data'
import { afterAll, describe, expect, expectTypeOf, it } from 'vitest'
import { file } from '../../test/files.js'
import { pointBlock, resize } from '../index.js'
import { imageBlock } from './image-block.js'
import {
  ImageDataLoaders,
  type LabelledImages,
  type MultiLabelledImages,
  type NumberedImages,
} from './image-data-loaders.js'
import { csvRows } from './read-csv.js'

const root = mkdtempSync(join(tmpdir(), 'espalier-tables-'))
afterAll(() => rmSync(root, { recursive: true }))

const options = { bs: 2, itemTfms: [resize(8)] }
const names = ['a', 'b', 'c', 'd', 'e', 'f']
for (const name of names) {
  const path = join(root, 'photos', `${name}.jpg`)
  mkdirSync(dirname(path), { recursive: true })
  cpSync(file('rgb.jpg'), path)
}
const rows = names.map((name, i) => ({
  name,
  tags: ['sea', 'sea sky', 'sky', '', 'sky sea', 'sea'][i]!,
  kind: i % 2 ? 'odd' : 'even',
  is_valid: i === 4,
}))
const places = { path: root, folder: 'photos', suff: '.jpg' }
const files = names.map((name) => join(root, 'photos', `${name}.jpg`))

describe('labels from rows', () => {
  it('one for each photo, and which photos validate', async () => {
    const dls = await ImageDataLoaders.fromDf(rows, {
      ...options,
      ...places,
      labelCol: 'kind',
      validCol: 'is_valid',
    })
    expectTypeOf(dls).toEqualTypeOf<LabelledImages>()
    expect(dls.vocab).toEqual(['even', 'odd'])
    expect([dls.train.n, dls.valid.n]).toEqual([5, 1])
    expect(dls.valid.dataset.id(0)).toBe(files[4])
    const { arrays, indices } = await dls.oneBatch()
    expect(arrays[0].shape).toEqual([2, 8, 8, 3])
    for (const [i, index] of indices.entries()) {
      const row = rows.find(({ name }) => dls.train.dataset.id(index).endsWith(`${name}.jpg`))!
      expect(dls.vocab[arrays[1].data[i]!]).toBe(row.kind)
    }
  })

  it('several, by a delimiter, by columns by number, and by a block', async () => {
    const dls = await ImageDataLoaders.fromDf(rows, { ...options, ...places, labelDelim: ' ', validPct: 0.4 })
    expectTypeOf(dls).toEqualTypeOf<MultiLabelledImages>()
    expect(dls.vocab).toEqual(['sea', 'sky'])
    expect((await dls.oneBatch()).arrays[1].shape).toEqual([2, 2])
    const lists = rows.map(({ name, kind }) => [name, kind, kind === 'odd' ? 'strange' : 'plain'])
    const two = await ImageDataLoaders.fromDf(lists, {
      ...options,
      ...places,
      labelCol: [1, 2],
      validPct: 0.4,
    })
    expectTypeOf(two).toEqualTypeOf<MultiLabelledImages>()
    expect(two.vocab).toEqual(['even', 'odd', 'plain', 'strange'])
    const chosen = await ImageDataLoaders.fromDf(rows, {
      ...options,
      ...places,
      labelDelim: ' ',
      validPct: 0.4,
      yBlock: multiCategoryBlock({ vocab: ['sky', 'sea'], thresh: 0.2 }),
    })
    expect([chosen.vocab, chosen.target!.thresh]).toEqual([['sky', 'sea'], 0.2])
  })

  it('from a table in a file', async () => {
    const lines = rows.map(({ name, tags, is_valid }) => `${name},"${tags}",${is_valid ? 'True' : 'False'}`)
    writeFileSync(join(root, 'labels.csv'), ['name,tags,is_valid', ...lines].join('\r\n'))
    const dls = await ImageDataLoaders.fromCsv(root, {
      ...options,
      folder: 'photos',
      suff: '.jpg',
      labelDelim: ' ',
      validCol: 'is_valid',
    })
    expectTypeOf(dls).toEqualTypeOf<MultiLabelledImages>()
    expect([dls.train.n, dls.valid.n, ...dls.vocab]).toEqual([5, 1, 'sea', 'sky'])
    writeFileSync(join(root, 'plain.tsv'), rows.map(({ name, kind }) => `${name}\t${kind}`).join('\n'))
    const plain = await ImageDataLoaders.fromCsv(root, {
      ...options,
      csvFname: 'plain.tsv',
      header: false,
      delimiter: '\t',
      folder: 'photos',
      suff: '.jpg',
      labelCol: 1,
    })
    expectTypeOf(plain).toEqualTypeOf<LabelledImages>()
    expect(plain.vocab).toEqual(['even', 'odd'])
  })
})

describe('labels from lists', () => {
  it('texts, lists and numbers, each as what they are', async () => {
    const one = await ImageDataLoaders.fromLists(
      files,
      rows.map((r) => r.kind),
      options,
    )
    expectTypeOf(one).toEqualTypeOf<LabelledImages>()
    const many = await ImageDataLoaders.fromLists(
      files,
      rows.map((r) => r.tags.split(' ').filter(Boolean)),
      {
        ...options,
        validPct: 0.4,
        seed: 3,
      },
    )
    expectTypeOf(many).toEqualTypeOf<MultiLabelledImages>()
    const numbers = await ImageDataLoaders.fromLists(files, [0.5, 1, 2, 3, 4, 5], options)
    expectTypeOf(numbers).toEqualTypeOf<NumberedImages>()
    const pairs = await ImageDataLoaders.fromLists(
      files,
      files.map((_, i) => [[i, 2]] as [number, number][]),
      { ...options, yBlock: pointBlock() },
    )
    expect([one.target!.loss, many.target!.loss, numbers.target!.loss, pairs.c]).toEqual([
      'crossEntropy',
      'bceWithLogits',
      'mse',
      2,
    ])
    const { arrays } = await pairs.oneBatch()
    expect(arrays[1].shape).toEqual([2, 1, 2])
  })

  it('photos in grey, and a number found by a function', async () => {
    const dls = await ImageDataLoaders.fromPathFunc(files, (path) => path.length, {
      ...options,
      imgBlock: imageBlock({ grey: true }),
      yBlock: regressionBlock(),
    })
    const { arrays } = await dls.oneBatch()
    expect([arrays[0].shape, arrays[1].dtype]).toEqual([[2, 8, 8, 1], 'float32'])
    // @ts-expect-error: a number is no label of a category
    const wrong = ImageDataLoaders.fromPathFunc(files, (path) => path.length, options)
    await expect(wrong).rejects.toThrow('a label must be a string')
  })
})

describe('folders', () => {
  it('divide the photos by names that are given, and may have a vocabulary', async () => {
    for (const [part, kind, n] of [
      ['learn', 'x', 3],
      ['learn', 'y', 3],
      ['check', 'x', 1],
    ] as const) {
      for (let i = 0; i < n; i++) {
        const path = join(root, 'parts', part, kind, `${kind}${i}.jpg`)
        mkdirSync(dirname(path), { recursive: true })
        cpSync(file('rgb.jpg'), path)
      }
    }
    const from = (more: object) => ImageDataLoaders.fromFolder(join(root, 'parts'), { ...options, ...more })
    const dls = await from({ train: 'learn', valid: 'check', vocab: ['y', 'x', 'z'] })
    expect([dls.train.n, dls.valid.n, ...dls.vocab]).toEqual([6, 1, 'y', 'x', 'z'])
    await expect(from({ train: 'learn', valid: 'chek' })).rejects.toThrow('no item lies under chek')
  })
})

describe('bad input', () => {
  it.each<[string, () => Promise<unknown>, string]>([
    [
      'a column that is not there',
      () => ImageDataLoaders.fromDf(rows, { ...places, labelCol: 'tag' }),
      "has no column 'tag'\n  → did you mean 'tags'?",
    ],
    ['no rows', () => ImageDataLoaders.fromDf([]), 'fromDf takes a list of rows, got none'],
    [
      'no list',
      () => ImageDataLoaders.fromDf('labels.csv' as never),
      'got string "labels.csv"\n  → say fromDf(',
    ],
    ['too few labels', () => ImageDataLoaders.fromLists(files, ['x']), 'there are 6 files and 1 labels'],
    [
      'two labels',
      () => ImageDataLoaders.fromLists(['a.jpg', 'a.jpg'], ['x', 'y']),
      'a.jpg has two labels: string "x" and string "y"',
    ],
    ['no table', () => ImageDataLoaders.fromCsv(root, { csvFname: 'no.csv' }), 'cannot read'],
    [
      'a misspelt option',
      () => ImageDataLoaders.fromDf(rows, { ...places, labelCol: 'kind', lables: 1 } as object),
      "has no option 'lables'",
    ],
  ])('%s', async (_, run, message) => {
    await expect(run()).rejects.toThrow(message)
  })

  it('a table that is none', () => {
    expect(csvRows('a,b\n1,"x ""y"", z"\n\n2,\n')).toEqual([
      { a: '1', b: 'x "y", z' },
      { a: '2', b: '' },
    ])
    expect(csvRows('\uFEFFa\n"1\n2"')).toEqual([{ a: '1\n2' }])
    expect(() => csvRows('a,b\n1,2,3')).toThrow('row 0 of the table has 3 cells, there are 2 columns')
    expect(() => csvRows('a\n"x')).toThrow('the table has a quote in line 2 that never ends')
    expect(() => csvRows('')).toThrow('the table is empty')
  })
})
