import { describe, expect, it } from 'vitest'
import { forAll } from '../../test/for-all.js'
import { colSplitter } from './col-splitter.js'
import { endSplitter } from './end-splitter.js'
import { maskSplitter } from './mask-splitter.js'
import { randomSplitter } from './random-splitter.js'
import { randomSubsetSplitter } from './random-subset-splitter.js'
import { overlapOf, type Splitter, splitItems } from './splitter.js'
import { trainTestSplitter } from './train-test-splitter.js'

const range = (n: number) => Array.from({ length: n }, (_, i) => i)
const ascending = (xs: readonly number[]) => [...xs].sort((a, b) => a - b)

describe('every splitter', () => {
  const whole: readonly (readonly [string, (pct: number, seed: number, n: number) => Splitter<never>])[] = [
    ['randomSplitter', (validPct, seed) => randomSplitter({ validPct, seed })],
    ['endSplitter', (validPct) => endSplitter({ validPct })],
    ['endSplitter of the first', (validPct) => endSplitter({ validPct, validLast: false })],
    ['maskSplitter', (pct, seed, n) => maskSplitter(range(n).map((i) => (i * 7 + seed) % 10 < pct * 10))],
    ['trainTestSplitter', (testSize, randomState) => trainTestSplitter({ testSize, randomState })],
    ['trainTestSplitter in order', (testSize) => trainTestSplitter({ testSize, shuffle: false })],
  ]
  it.each(whole)('%s gives each item one side, the same one every time', (name, make) =>
    forAll(name, (random) => {
      const n = 2 + random.int(200)
      const [pct, seed] = [random.uniform(0.05, 0.9), random.int(1000)]
      const items = range(n) as never[]
      const splits = make(pct, seed, n)(items)
      expect(ascending(splits.flat())).toEqual(range(n))
      expect(overlapOf(splits)).toEqual([])
      expect(make(pct, seed, n)(items)).toEqual(splits)
    }),
  )
})

it('endSplitter holds out the tail or the head, rounded down, and nothing is lost when that is none', () => {
  const items = range(10)
  expect(endSplitter()(items)).toEqual([range(8), [8, 9]])
  expect(endSplitter({ validPct: 0.35, validLast: false })(items)).toEqual([
    [3, 4, 5, 6, 7, 8, 9],
    [0, 1, 2],
  ])
  expect(endSplitter({ validPct: 0.05 })(items)).toEqual([items, []])
  expect(() => endSplitter({ validPct: 2 })).toThrow('endSplitter: validPct must be in [0, 1), got 2')
})

it('maskSplitter takes a mask of its items', () => {
  expect(maskSplitter([true, false, true])(['a', 'b', 'c'])).toEqual([[1], [0, 2]])
  expect(() => maskSplitter([true])(['a', 'b'])).toThrow('the mask has 1 entries for 2 items')
  expect(() => maskSplitter([true, 1 as unknown as boolean])).toThrow(
    'maskSplitter takes a list of booleans, got number 1 at 1',
  )
  expect(() => maskSplitter('x' as unknown as boolean[])).toThrow('got string "x"')
})

describe('colSplitter', () => {
  it('reads what is true, in the forms that tables have', () => {
    for (const [yes, no] of [
      [true, false],
      [1, 0],
      ['True', 'False'],
      ['1', ''],
    ]) {
      const rows = [{ is_valid: no }, { is_valid: yes }, { is_valid: no }]
      expect(colSplitter()(rows)).toEqual([[0, 2], [1]])
    }
    const valid = () => colSplitter('part')([{ part: 'valid' }])
    expect(valid).toThrow(
      "column 'part' holds string \"valid\" in row 0, which is neither true nor false\n  → say which values validate: colSplitter('part', 'valid')",
    )
  })

  it('takes the values that validate, of rows as objects or lists', () => {
    const rows = [{ part: 'a' }, { part: 'b' }, { part: 'c' }]
    expect(colSplitter('part', 'b')(rows)).toEqual([[0, 2], [1]])
    expect(colSplitter('part', ['b', 'c'])(rows)).toEqual([[0], [1, 2]])
    expect(
      colSplitter(
        1,
        7,
      )([
        ['x', 7],
        ['y', 8],
      ] as const),
    ).toEqual([[1], [0]])
    expect(() => colSplitter('part', 'd')(rows)).toThrow(
      'no row holds string "d" in column \'part\'\n  → the first rows hold string "a", string "b", string "c"',
    )
  })

  it('names the columns that there are', () => {
    const rows = [{ isvalid: true, label: 'a' }] as unknown as { is_valid: boolean }[]
    expect(() => colSplitter()(rows)).toThrow(
      'colSplitter: the row {"isvalid":true,"label":"a"} has no column \'is_valid\'\n  → did you mean \'isvalid\'?',
    )
    expect(() => colSplitter()(['a'] as never)).toThrow('colSplitter reads columns of rows, got string "a"')
  })
})

it('randomSubsetSplitter uses two shares that do not meet', () =>
  forAll('randomSubsetSplitter', (random) => {
    const n = 1 + random.int(300)
    const [trainSz, seed] = [random.uniform(0.01, 0.6), random.int(100)]
    const validSz = random.uniform(0.01, 1 - trainSz)
    const splits = randomSubsetSplitter({ trainSz, validSz, seed })(range(n))
    expect([splits[0].length, splits[1].length]).toEqual([Math.floor(trainSz * n), Math.floor(validSz * n)])
    expect(overlapOf(splits)).toEqual([])
    expect(new Set(splits.flat()).size).toBe(splits[0].length + splits[1].length)
  }))

it('randomSubsetSplitter refuses more than everything', () => {
  expect(() => randomSubsetSplitter({ trainSz: 0.8, validSz: 0.3 })).toThrow(
    'trainSz 0.8 and validSz 0.3 are more than everything',
  )
  expect(() => randomSubsetSplitter(undefined as never)).toThrow('trainSz must be in [0, 1), got undefined')
})

describe('trainTestSplitter', () => {
  const sizes = (n: number, options: object) => {
    const [train, test] = trainTestSplitter(options)(range(n))
    return [train.length, test.length]
  }

  it('has the sizes of scikit-learn', () => {
    expect(sizes(103, {})).toEqual([82, 21])
    expect(sizes(10, { testSize: 0.25 })).toEqual([7, 3])
    expect(sizes(10, { testSize: 4 })).toEqual([6, 4])
    expect(sizes(10, { trainSize: 0.35 })).toEqual([3, 7])
    expect(sizes(10, { trainSize: 5, testSize: 2 })).toEqual([5, 2])
    expect(trainTestSplitter({ testSize: 0.3, shuffle: false })(range(10))).toEqual([range(7), [7, 8, 9]])
  })

  it('holds every class in proportion on both sides where asked for', () =>
    forAll('stratify', (random) => {
      const classes = Array.from({ length: 40 + random.int(100) }, () => 'abc'[random.int(3)]!)
      if (new Set(classes).size < 3) return
      const testSize = random.uniform(0.2, 0.6)
      const split = trainTestSplitter<number>({
        testSize,
        stratify: (i) => classes[i],
        randomState: random.int(99),
      })
      const splits = split(range(classes.length))
      expect(ascending(splits.flat())).toEqual(range(classes.length))
      for (const c of 'abc') {
        const share = classes.filter((x) => x === c).length / classes.length
        for (const side of splits) {
          const got = side.filter((i) => classes[i] === c).length
          expect(Math.abs(got - share * side.length)).toBeLessThan(2)
        }
      }
      expect(trainTestSplitter({ testSize: 0.4, stratify: classes })(classes)).toEqual(
        trainTestSplitter({ testSize: 0.4, stratify: classes })(classes),
      )
    }))

  it('says what cannot be divided', () => {
    expect(() => sizes(3, { testSize: 3, trainSize: 1 })).toThrow(
      '3 items cannot be divided into 1 to train and 3 to validate',
    )
    expect(() => trainTestSplitter({ testSize: 1.5 })).toThrow(
      'testSize must be a share in (0, 1) or a whole number of items, got 1.5',
    )
    expect(() => trainTestSplitter({ stratify: ['a'], shuffle: false })).toThrow('stratify needs shuffle')
    expect(() => trainTestSplitter({ stratify: ['a'] })(range(3))).toThrow(
      'stratify has 1 classes for 3 items',
    )
    expect(() => trainTestSplitter({ stratify: ['a', 'a', 'b'] })(range(3))).toThrow(
      'the class string "b" has a single item',
    )
    expect(() => trainTestSplitter({ stratify: ['a', undefined, 'a'] })(range(3))).toThrow(
      'items 1 have no class',
    )
    expect(() => trainTestSplitter({ stratify: 'label' as never })(range(3))).toThrow(
      'stratify must be a list',
    )
    expect(() => trainTestSplitter({ testSize: 1, stratify: ['a', 'a', 'b', 'b'] })(range(4))).toThrow(
      '3 to train and 1 to validate cannot hold each of the 2 classes',
    )
    expect(() => trainTestSplitter({ test_size: 0.2 } as object)).toThrow('did you mean testSize?')
  })
})

describe('a split that overlaps', () => {
  const items = ['a', 'b', 'c', 'd']
  const overlapping: Splitter<string> = () => [
    [0, 1, 2],
    [2, 3, 1],
  ]

  it('is refused, with the items', () => {
    expect(() => splitItems(overlapping, items)).toThrow(
      'the splitter put 2 of 4 items on more than one side, such as b, c: they would train and validate',
    )
  })

  it('is taken where it is meant, and items may train twice', () => {
    const meant = Object.assign((s: readonly string[]) => overlapping(s), { mayOverlap: true })
    expect(splitItems(meant, items)).toEqual([
      [0, 1, 2],
      [2, 3, 1],
    ])
    expect(splitItems(() => [[0, 0, 1], [2]], items)).toEqual([[0, 0, 1], [2]])
  })

  it('may have further parts', () => {
    expect(splitItems(() => [[0], [1], [2, 3]], items)).toEqual([[0], [1], [2, 3]])
    expect(() => splitItems(() => [[0], [1], [1]], items)).toThrow('on more than one side, such as b')
    expect(() => splitItems(() => [[0], [1], [9]], items)).toThrow('the part 2 index 9 is not one of the 4')
    expect(() => splitItems((() => [[0]]) as unknown as Splitter, items)).toThrow(
      'the splitter returned [[0]]',
    )
  })
})
