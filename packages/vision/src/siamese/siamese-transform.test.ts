import { EspalierError, Random, type Splits, trainTestSplitter } from '@espalier/data'
import { expect, it } from 'vitest'
import { SiameseTransform } from './siamese-transform.js'

const labelOf = (file: string) => file.split('_')[0]!
/** So many files of each label, mixed. */
const filesOf = (counts: Readonly<Record<string, number>>, random = new Random(1, 'mix')) => {
  const all = Object.entries(counts).flatMap(([label, n]) =>
    Array.from({ length: n }, (_, i) => `${label}_${i}.jpg`),
  )
  return random.permutation(all.length).map((i) => all[i]!)
}
const splitter = (testSize: number) => trainTestSplitter<string>({ stratify: labelOf, testSize })
/** A place in training, as loaders make it. */
const at = (epoch: number, index: number) => ({ split: 0, random: new Random(7, 'sample', epoch, index) })
const codeOf = (make: () => unknown): string => {
  try {
    make()
  } catch (error) {
    if (error instanceof EspalierError) return `${error.code}: ${error.message}`
    throw error
  }
  throw new Error('nothing was thrown')
}

it('no pair leaves its part, is of one file, or is called what it is not', () => {
  for (let run = 0; run < 40; run++) {
    const random = new Random(run, 'property')
    const counts = Object.fromEntries(
      Array.from({ length: 2 + random.int(5) }, (_, i) => [`l${i}`, 6 + random.int(9)]),
    )
    const files = filesOf(counts, random)
    const splits = splitter(0.4)(files)
    const parts = splits.map((positions) => new Set(positions.map((i) => files[i]!)))
    const tfm = new SiameseTransform(files, labelOf, splits, { seed: run })
    for (const [i, file] of files.entries()) {
      const part = parts.find((p) => p.has(file))!
      const drawn = [0, 1, 2].map((epoch) => tfm.encode(file, at(epoch, i)))
      const others = [tfm.encode(file), tfm.encode(file, { split: 1, random })]
      for (const [first, second, same] of [...drawn, ...others]) {
        expect(first).toBe(file)
        expect(second).not.toBe(file)
        expect(part.has(second)).toBe(true)
        expect(same).toBe(labelOf(first) === labelOf(second))
      }
    }
    for (const [part, own] of parts.entries()) {
      for (const [first, second, same] of tfm.pairs({ part, perFile: 5 })) {
        expect(own.has(first) && own.has(second) && first !== second).toBe(true)
        expect(same).toBe(labelOf(first) === labelOf(second))
      }
    }
  }
})

it('half of the pairs are alike, other labels and files come alike often', () => {
  const files = filesOf({ a: 4, b: 2, c: 6 })
  const all = files.map((_, i) => i)
  const tfm = new SiameseTransform(files, labelOf, [all, []])
  const n = 12_000
  const seen = new Map<string, number>()
  for (let i = 0; i < n; i++) {
    const [, second] = tfm.encode('a_0.jpg', at(3, i))
    seen.set(second, (seen.get(second) ?? 0) + 1)
  }
  const want = { a: 1 / 2 / 3, b: 1 / 4 / 2, c: 1 / 4 / 6 }
  expect(seen.size).toBe(11)
  for (const [file, times] of seen) {
    const p = want[labelOf(file) as keyof typeof want]
    expect(Math.abs(times - n * p)).toBeLessThan(5 * Math.sqrt(n * p * (1 - p)))
  }
})

it('training draws anew each epoch, from the place alone; other pairs stay', () => {
  const files = filesOf({ a: 12, b: 12, c: 12 })
  const splits = splitter(0.25)(files)
  const tfm = new SiameseTransform(files, labelOf, splits)
  const again = new SiameseTransform(files, labelOf, splits)
  const epoch = (t: typeof tfm, e: number, order = splits[0].map((_, i) => i)) =>
    order.map((i) => t.encode(files[splits[0][i]!]!, at(e, i)))
  expect(epoch(tfm, 1)).toEqual(epoch(again, 1))
  expect(epoch(tfm, 1)).not.toEqual(epoch(tfm, 0))
  const backwards = splits[0].map((_, i) => i).reverse()
  expect(epoch(again, 2, backwards).reverse()).toEqual(epoch(tfm, 2))

  const fixed = (t: typeof tfm, split: number, seed: number) =>
    splits[1].map((i) => t.encode(files[i]!, { split, random: new Random(seed, 'sample', seed, i) }))
  expect(fixed(again, 1, 5)).toEqual(fixed(tfm, 1, 9))
  // Test-time augmentation transforms validation items as if they trained: their pairs are the same.
  expect(fixed(tfm, 0, 5)).toEqual(fixed(tfm, 1, 5))
  expect(fixed(tfm, 1, 5)).toEqual(tfm.pairs())
  const other = new SiameseTransform(files, labelOf, splits, { seed: 43 })
  expect(other.pairs()).not.toEqual(tfm.pairs())
  // Looked at once more to be shown, a training file has a pair that stays, too.
  expect(tfm.encode(files[splits[0][0]!]!)).toEqual(tfm.pairs({ part: 0 })[0])
})

it('all that ask for the pair of one sample get the same', () => {
  const files = filesOf({ a: 30, b: 30 })
  const tfm = new SiameseTransform(files, labelOf, [files.map((_, i) => i), []])
  for (const [i, file] of files.entries()) {
    const context = at(0, i)
    const pair = tfm.encode(file, context)
    const { position } = context.random
    expect(tfm.encode(file, { ...context })).toBe(pair)
    expect(context.random.position).toBe(position)
  }
})

it('several pairs of each file are half alike, and repeat no partner before they must', () => {
  const files = filesOf({ a: 5, b: 5, c: 5 })
  const tfm = new SiameseTransform(files, labelOf, [[], files.map((_, i) => i)])
  const perFile = 8
  const pairs = tfm.pairs({ perFile })
  expect(pairs).toHaveLength(files.length * perFile)
  for (const file of files) {
    const own = pairs.filter(([first]) => first === file)
    const alike = own.filter(([, , same]) => same).map(([, second]) => second)
    expect(alike).toHaveLength(perFile / 2)
    expect(new Set(alike).size).toBe(4)
    expect(new Set(own.filter(([, , same]) => !same).map(([, second]) => labelOf(second))).size).toBe(2)
  }
  expect(tfm.pairs()).toEqual(files.map((file) => pairs.find(([first]) => first === file)))
})

it('labels are those of the parts, and a file that is in none is left alone', () => {
  const files = ['a_0', 'a_1', 'b_0', 'b_1', 'x', 'x'].map((name) => `${name}.jpg`)
  const asked: string[] = []
  const asking = (file: string) => {
    asked.push(file)
    return labelOf(file)
  }
  const tfm = new SiameseTransform(files, asking, [[0, 1, 2, 3], []])
  expect(tfm.labels).toEqual(['a', 'b'])
  expect(asked).not.toContain('x.jpg')
  expect(codeOf(() => tfm.encode('x.jpg'))).toMatch(
    /^siamese\/file: x\.jpg is not among the files that pairs are made of\n {2}→ .*learn\.predict\(\[one, other\]\)/,
  )
})

const two = filesOf({ a: 2, b: 2 }).sort()
const make = (files: readonly string[], splits: Splits) => new SiameseTransform(files, labelOf, splits)

it.each<[what: string, make: () => unknown, message: RegExp]>([
  [
    'a label with one file to train',
    () => make([...two, 'pug_1.jpg', 'boxer_3.jpg'], [[0, 1, 2, 3, 4, 5], []]),
    /^siamese\/lonely: of 'pug' \(pug_1\.jpg\), 'boxer' \(boxer_3\.jpg\) there is a single training file: .*\n {2}→ split by label: trainTestSplitter/,
  ],
  [
    'a label with one file to validate',
    () =>
      make(
        [...two, 'a_2.jpg', 'b_2.jpg', 'b_3.jpg'],
        [
          [0, 1, 2, 3],
          [4, 5, 6],
        ],
      ),
    /^siamese\/lonely: of 'a' \(a_2\.jpg\) there is a single validation file/,
  ],
  [
    'one label',
    () =>
      make(
        [...two, 'a_2.jpg', 'a_3.jpg'],
        [
          [0, 1, 2, 3],
          [4, 5],
        ],
      ),
    /^siamese\/one-class: all validation files have the label 'a': there is no pair of different ones/,
  ],
  [
    'a part of the splits that trains and validates',
    () =>
      make(two, [
        [0, 1, 2, 3],
        [0, 1, 2, 3],
      ]),
    /^siamese\/overlap: a_0\.jpg is in more than one part/,
  ],
  [
    'a file that is listed twice',
    () =>
      make(
        [...two, ...two],
        [
          [0, 1, 2, 3],
          [4, 5, 6, 7],
        ],
      ),
    /^siamese\/overlap: a_0\.jpg is in more than one part/,
  ],
  [
    'a label that is none',
    () => new SiameseTransform(two, () => undefined as unknown as string, [[0, 1, 2, 3], []]),
    /^siamese\/label: the label of a_0\.jpg must be a string, the label function returned undefined/,
  ],
  [
    'splits of other files',
    () => make(two, [[0, 9], []]),
    /^siamese\/position: the position 9 is none of 4 files/,
  ],
  ['no splits', () => make(two, undefined as unknown as Splits), /^siamese\/arguments: .* got .*undefined/],
  [
    'a part that there is not',
    () => make(two, [[0, 1, 2, 3], []]).pairs({ part: 2 }),
    /^siamese\/pairs: .*there is no part 2/,
  ],
  [
    'no pair for each file',
    () => make(two, [[0, 1, 2, 3], []]).pairs({ part: 0, perFile: 0 }),
    /^siamese\/pairs: .*perFile is 0/,
  ],
  [
    'a seed that is none',
    () => new SiameseTransform(two, labelOf, [[0, 1, 2, 3], []], { seed: 0.5 }),
    /^random\/seed: /,
  ],
])('%s is refused by name', (_, run, message) => {
  expect(codeOf(run)).toMatch(message)
})
