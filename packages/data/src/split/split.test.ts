import { describe, expect, it } from 'vitest'
import { funcSplitter } from './func-splitter.js'
import { grandparentSplitter } from './grandparent-splitter.js'
import { indexSplitter } from './index-splitter.js'
import { noSplitter } from './no-splitter.js'
import { randomSplitter } from './random-splitter.js'
import { type Splitter, splitItems } from './splitter.js'

const items = Array.from({ length: 103 }, (_, i) => `item${i}`)

describe('splitters', () => {
  it('randomSplitter is disjoint, complete, seeded and rounds down', () => {
    const [train, valid] = randomSplitter({ validPct: 0.2, seed: 7 })(items)
    expect(valid).toHaveLength(20)
    expect([...train, ...valid].sort((a, b) => a - b)).toEqual(items.map((_, i) => i))
    expect(randomSplitter({ validPct: 0.2, seed: 7 })(items)[1]).toEqual(valid)
    expect(randomSplitter({ validPct: 0.2, seed: 8 })(items)[1]).not.toEqual(valid)
    for (const [validPct, got] of [
      [1, '1'],
      [20, '20'],
      [Number.NaN, 'NaN'],
      ['0.2' as unknown as number, 'string "0.2"'],
    ] as const) {
      expect(() => randomSplitter({ validPct })).toThrow(
        `validPct must be in [0, 1), got ${got}\n  → it is a share of the items: 0.2 for a fifth`,
      )
    }
    expect(() => randomSplitter({ seed: 0.5 })(items)).toThrow('the seed must be an integer, got number 0.5')
  })

  it('indexSplitter keeps the order of the rest', () => {
    expect(indexSplitter([3, 1])(['a', 'b', 'c', 'd'])).toEqual([
      [0, 2],
      [3, 1],
    ])
    expect(() => indexSplitter([4])(['a', 'b'])).toThrow(
      'the validation index 4 is not one of the 2 items\n  → positions are whole numbers from 0 to 1',
    )
    expect(() => indexSplitter(4 as unknown as number[])(['a'])).toThrow(
      'the validation indices must be a list, got number 4\n  → say indexSplitter([0, 5, 7])',
    )
  })

  it('funcSplitter asks each item', () => {
    expect(funcSplitter((s: string) => s > 'b')(['a', 'c', 'b', 'd'])).toEqual([
      [0, 2],
      [1, 3],
    ])
    expect(() => funcSplitter('valid' as unknown as () => boolean)).toThrow(
      'funcSplitter takes a function, got string "valid"\n  → say which items validate',
    )
  })

  it('grandparentSplitter reads the folder above the label and drops the others', () => {
    const paths = ['d/train/cat/1.jpg', 'd\\valid\\cat\\2.jpg', 'd/test/cat/3.jpg', 'd/train/dog/4.jpg']
    expect(grandparentSplitter()(paths)).toEqual([[0, 3], [1]])
    expect(grandparentSplitter({ train: ['train', 'test'] })(paths)).toEqual([[0, 2, 3], [1]])
    expect(() => grandparentSplitter({ valid: 'val' })(paths)).toThrow(
      'grandparentSplitter: no item lies under val, such as val/cat/1.jpg\n  → two folders above the items are train, valid, test: name them',
    )
    expect(() => grandparentSplitter()(['1.jpg'])).toThrow('→ use another splitter, such as randomSplitter()')
  })

  it('noSplitter says that it holds out nothing', () => {
    expect(noSplitter()(['a', 'b'])).toEqual([[0, 1], []])
    expect(noSplitter().mayBeEmpty).toBe(true)
  })

  it('of any kind are checked: what they return must be a split of the items', () => {
    const split = (splitter: unknown) => () => splitItems(splitter as Splitter, ['a', 'b', 'c'])
    expect(split(() => [[2], [0]])()).toEqual([[2], [0]])
    expect(split('random')).toThrow(
      'a splitter must be a function, got string "random"\n  → say splitter: randomSplitter({ validPct: 0.2 })',
    )
    expect(split(() => undefined)).toThrow(
      'the splitter returned undefined\n  → it must return two lists of positions: [train, valid]',
    )
    expect(split(randomSplitter)).toThrow('→ call it first, to say how: randomSplitter()')
    expect(split(() => [[0, 3], [1]])).toThrow('the training index 3 is not one of the 3 items')
    expect(split(() => [[0], ['1']])).toThrow('the validation index string "1" is not one of the 3 items')
    expect(split(() => [[], [0]])).toThrow('the splitter left no training item out of 3\n  → hold out fewer')
    expect(split(() => [[0], []])).toThrow(
      'the validation set is empty: the splitter held out none of 3 items',
    )
    expect(splitItems(noSplitter(), ['a'])).toEqual([[0], []])
    expect(
      split(() => {
        throw new RangeError('boo')
      }),
    ).toThrow('the splitter failed on 3 items: boo')
  })
})
