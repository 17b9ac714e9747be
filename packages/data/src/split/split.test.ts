import { describe, expect, it } from 'vitest'
import { funcSplitter } from './func-splitter.js'
import { grandparentSplitter } from './grandparent-splitter.js'
import { indexSplitter } from './index-splitter.js'
import { noSplitter } from './no-splitter.js'
import { randomSplitter } from './random-splitter.js'

const items = Array.from({ length: 103 }, (_, i) => `item${i}`)

describe('splitters', () => {
  it('randomSplitter is disjoint, complete, seeded and rounds down', () => {
    const [train, valid] = randomSplitter({ validPct: 0.2, seed: 7 })(items)
    expect(valid).toHaveLength(20)
    expect([...train, ...valid].sort((a, b) => a - b)).toEqual(items.map((_, i) => i))
    expect(randomSplitter({ validPct: 0.2, seed: 7 })(items)[1]).toEqual(valid)
    expect(randomSplitter({ validPct: 0.2, seed: 8 })(items)[1]).not.toEqual(valid)
    expect(() => randomSplitter({ validPct: 1 })).toThrow('validPct must be in [0, 1), got 1')
  })

  it('indexSplitter keeps the order of the rest', () => {
    expect(indexSplitter([3, 1])(['a', 'b', 'c', 'd'])).toEqual([
      [0, 2],
      [3, 1],
    ])
    expect(() => indexSplitter([4])(['a'])).toThrow('the validation index 4 is not one of the 1 items')
  })

  it('funcSplitter asks each item', () => {
    expect(funcSplitter((s: string) => s > 'b')(['a', 'c', 'b', 'd'])).toEqual([
      [0, 2],
      [1, 3],
    ])
  })

  it('grandparentSplitter reads the folder above the label and drops the others', () => {
    const paths = ['d/train/cat/1.jpg', 'd\\valid\\cat\\2.jpg', 'd/test/cat/3.jpg', 'd/train/dog/4.jpg']
    expect(grandparentSplitter()(paths)).toEqual([[0, 3], [1]])
    expect(grandparentSplitter({ train: ['train', 'test'] })(paths)).toEqual([[0, 2, 3], [1]])
  })

  it('noSplitter says that it holds out nothing', () => {
    expect(noSplitter()(['a', 'b'])).toEqual([[0, 1], []])
    expect(noSplitter().mayBeEmpty).toBe(true)
  })
})
