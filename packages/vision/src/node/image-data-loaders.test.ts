import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { EspalierError, indexSplitter } from '@espalier/data'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { file } from '../../test/files.js'
import { resize } from '../image/resize.js'
import { ImageDataLoaders, type ImageDataLoadersOptions } from './image-data-loaders.js'

const root = mkdtempSync(join(tmpdir(), 'espalier-images-'))
afterAll(() => rmSync(root, { recursive: true }))

/** Copies of one picture at these places. */
function pictures(folder: string, ...names: readonly string[]): string {
  for (const name of names) {
    mkdirSync(dirname(join(root, folder, name)), { recursive: true })
    cpSync(file('rgb.jpg'), join(root, folder, name))
  }
  return join(root, folder)
}

const names = (label: string, n: number) => Array.from({ length: n }, (_, i) => `${label}_${i}.jpg`)
const options: ImageDataLoadersOptions = { bs: 2, itemTfms: [resize(8)] }
let files: readonly string[]

beforeAll(() => {
  pictures('flat', ...names('cat', 6), ...names('dog', 6))
  files = [...names('cat', 6), ...names('dog', 6)].map((name) => join(root, 'flat', name))
})

describe('ImageDataLoaders', () => {
  it('labels by path, name, pattern and folder', async () => {
    const isCat = (text: string) => (text.includes('cat') ? 'cat' : 'dog')
    const all = [
      await ImageDataLoaders.fromPathFunc(files, (path) => isCat(path.slice(root.length)), options),
      await ImageDataLoaders.fromNameFunc(files, isCat, options),
      await ImageDataLoaders.fromPathRe(files, /([a-z]+)_\d+\.jpg$/, options),
      await ImageDataLoaders.fromNameRe(files, /^(.+)_\d+\.jpg$/, options),
      await ImageDataLoaders.fromFolder(
        pictures('foldered', ...names('cat/a', 6), ...names('dog/b', 6)),
        options,
      ),
    ]
    for (const dls of all) {
      expect(dls.vocab).toEqual(['cat', 'dog'])
      expect([dls.train.dataset.length, dls.valid.dataset.length]).toEqual([10, 2])
      const { arrays, indices } = await dls.oneBatch()
      expect(arrays[0].shape).toEqual([2, 8, 8, 3])
      for (const [i, index] of indices.entries()) {
        const path = dls.train.dataset.id(index).slice(root.length)
        expect(path).toContain(dls.vocab[arrays[1].data[i]!])
      }
    }
  })

  it('divides by the folders train and valid, where they are there', async () => {
    const path = pictures(
      'divided',
      ...names('train/cat/a', 3),
      ...names('train/dog/b', 3),
      ...names('valid/dog/c', 1),
      ...names('test/dog/d', 5),
    )
    const dls = await ImageDataLoaders.fromFolder(path, options)
    expect([dls.train.dataset.length, dls.valid.dataset.length]).toEqual([6, 1])
    const byChance = await ImageDataLoaders.fromFolder(path, { ...options, validPct: 0.25 })
    expect([byChance.train.dataset.length, byChance.valid.dataset.length]).toEqual([9, 3])
  })
})

describe('bad input', () => {
  const refused = async (load: () => unknown, message: string | RegExp) => {
    const error = await Promise.resolve()
      .then(load)
      .catch((e: unknown) => e)
    expect(error).toBeInstanceOf(EspalierError)
    expect((error as Error).message).toMatch(message)
  }
  const labelled = (label: unknown, more: object = {}) =>
    ImageDataLoaders.fromPathFunc(files, label as () => string, { ...options, ...more })

  it('a folder that is empty, missing, a file, or without pictures', async () => {
    const from = (path: string) => ImageDataLoaders.fromFolder(path, options)
    mkdirSync(join(root, 'empty'))
    await refused(
      () => from(join(root, 'empty')),
      /^there is no \.jpg, \.jpeg, \.png, \.webp … file under '.*empty'\n {2}→ the folder is empty$/,
    )
    await refused(
      () => from(join(root, 'nowhere')),
      /^cannot list '.*nowhere': there is no such folder\n {2}→ check the path$/,
    )
    await refused(() => from(files[0]!), /^cannot list '.*cat_0\.jpg': it is a file\n {2}→ give the folder/)
    mkdirSync(join(root, 'texts'))
    cpSync(file('decode.json'), join(root, 'texts', 'a.json'))
    await refused(() => from(join(root, 'texts')), /\n {2}→ it holds 1 other files: .*a\.json$/)
  })

  it('a folder with one class', async () => {
    await refused(
      () => ImageDataLoaders.fromFolder(pictures('single', ...names('cat/a', 5)), options),
      "all training items have the label 'cat'\n  → a classifier needs at least two classes: check the label function and the folders",
    )
    // Photos that lie in one folder all get its name.
    await refused(
      () => ImageDataLoaders.fromFolder(join(root, 'flat'), options),
      "all training items have the label 'flat'",
    )
  })

  it('files that are no list of paths', async () => {
    const from = (given: unknown) => () =>
      ImageDataLoaders.fromNameRe(given as readonly string[], /^(.+)_\d+\.jpg$/, options)
    await refused(
      from(join(root, 'flat')),
      /^the files must be a list of paths, got string ".*\n {2}→ list them first: await getImageFiles\(folder\)$/,
    )
    await refused(from(Promise.resolve(files)), 'got Promise\n  → await it: await getImageFiles(folder)')
    await refused(from(undefined), "got undefined\n  → say await getImageFiles('pets/images')")
    await refused(
      from([1, 2]),
      'a file must be a path, got number 1\n  → for pictures in memory use dataBlock',
    )
    await refused(from([]), 'there are no items')
  })

  it('a pattern that matches nothing, has no group, or is none', async () => {
    const from = (pattern: unknown) => () => ImageDataLoaders.fromNameRe(files, pattern as RegExp, options)
    await refused(
      from(/^(\d+)\.png$/),
      /^regexLabeller: \/\^\(\\d\+\)\\\.png\$\/ does not match '(cat|dog)_\d\.jpg'\n {2}→ the first group/,
    )
    await refused(from(/^.+_\d+\.jpg$/), 'has no group to be the label\n  → put the label in parentheses')
    await refused(from('^(.+)_'), 'the pattern must be a regular expression, got string "^(.+)_"')
  })

  it('a label function that is none, returns nothing or no string, or throws', async () => {
    await refused(
      () => labelled(undefined),
      'the label must be a function of a path, got undefined\n  → say which label',
    )
    await refused(
      () => labelled(/cat/),
      'the label must be a function of a path, got RegExp\n  → for a pattern use fromNameRe or fromPathRe',
    )
    await refused(
      () => ImageDataLoaders.fromNameFunc(files, 'cat' as unknown as () => string, options),
      'got string "cat"',
    )
    const fix = '\\n {2}→ it must return one value for every item; leave out the items that have none$'
    await refused(
      () => labelled(() => undefined),
      new RegExp(`^the label function returned undefined for .*_\\d\\.jpg${fix}`),
    )
    await refused(
      () =>
        labelled(() => {
          throw new Error('no row for it')
        }),
      new RegExp(`^the label function threw "no row for it" for .*_\\d\\.jpg${fix}`),
    )
    await refused(
      () => labelled((path: string) => path.length),
      /^the label function returned number \d+ for .*_\d\.jpg\n {2}→ a label must be a string: String\(label\); to predict the number itself/,
    )
  })

  it('no validation set, and a class that is in it alone', async () => {
    const isCat = (path: string) => (path.includes('cat_') ? 'cat' : 'dog')
    await refused(
      () => labelled(isCat, { validPct: 0 }),
      'the validation set is empty: the splitter held out none of 12 items\n  → hold out more, or say splitter: noSplitter()',
    )
    const rare = (path: string) => (path.includes('cat_0') ? 'tiger' : isCat(path))
    await refused(
      () => labelled(rare, { splitter: indexSplitter([0, 1]) }),
      'validation items have labels that no training item has: tiger\n  → move some of these items to the training set',
    )
  })

  it('sizes and shares that make no sense', async () => {
    const isCat = (path: string) => (path.includes('cat_') ? 'cat' : 'dog')
    await refused(
      () => labelled(isCat, { bs: 100 }),
      'a batch of 100 cannot be filled from 10 training items\n  → use bs: 8 or dropLast: false',
    )
    await refused(
      () => labelled(isCat, { bs: '4' }),
      'the batch size must be a whole number ≥ 1, got string "4"',
    )
    await refused(() => labelled(isCat, { validPct: 20 }), 'validPct must be in [0, 1), got 20')
    await refused(() => labelled(isCat, { seed: 'x' }), 'the seed must be an integer, got string "x"')
    await refused(
      () => labelled(isCat, { itemTfms: [resize] }),
      'itemTfms holds function resize, which is no transform\n  → call it: resize(…)',
    )
    await refused(
      () => labelled(isCat, { batchTfms: [resize(8)] }),
      "batchTfms holds 'resize', which is for itemTfms\n  → move it to itemTfms",
    )
  })

  it('files that are gone: an error that names them, once there is nothing else', async () => {
    const gone = files.map((path) => path.replace('flat', 'gone'))
    const dls = await ImageDataLoaders.fromNameRe(gone, /^(.+)_\d+\.jpg$/, options)
    await refused(
      () => dls.oneBatch(),
      /^none of the 10 items could be read: .*_\d\.jpg: no such file, .* and 7 more\n {2}→ check the paths/,
    )
  })
})
