import { describe, expect, it } from 'vitest'
import { forAll } from '../../test/for-all.js'
import { DataLoader, type DataLoaderOptions } from './data-loader.js'
import { partialDl, weightedDl } from './order.js'
import { SkipItem } from './skip-item.js'

const dataset = (n: number, bad = -1) => ({
  length: n,
  id: (i: number) => `item ${i}`,
  sample: async (i: number) => {
    if (i === bad) throw new SkipItem('torn')
    return [i]
  },
})
const loader = (n: number, options: DataLoaderOptions, bad?: number) =>
  new DataLoader(dataset(n, bad), { bs: 4, shuffle: true, ...options })
const walked = async (dl: DataLoader, epoch = 0, from = 0) => {
  const indices: number[] = []
  for await (const batch of dl.batches(epoch, from)) indices.push(...batch.indices)
  return indices
}

describe('an order', () => {
  it('is a pure function of epoch and seed', () =>
    forAll('pure orders', (random) => {
      const n = 1 + random.int(100)
      const weights = Array.from({ length: n }, () => random.uniform(0.01, 3))
      const [epoch, seed] = [random.int(50), random.int(50)]
      for (const order of [weightedDl(weights), partialDl(1 + random.int(n))]) {
        const drawn = order(epoch, n, seed)
        order(epoch + 1, n, seed)
        expect(order(epoch, n, seed)).toEqual(drawn)
        expect(drawn.every((i) => Number.isInteger(i) && i >= 0 && i < n)).toBe(true)
      }
    }))

  it('draws items as often as they weigh, and none that weighs nothing', () => {
    const weights = [1, 0, 3, 6]
    const counts = [0, 0, 0, 0]
    const order = weightedDl(weights)
    for (let epoch = 0; epoch < 5000; epoch++) for (const i of order(epoch, 4, 1)) counts[i]!++
    expect(counts[1]).toBe(0)
    for (const i of [0, 2, 3]) expect(counts[i]! / 20000).toBeCloseTo(weights[i]! / 10, 1)
    expect(order(0, 4, 1)).not.toEqual(order(1, 4, 1))
  })

  it('may be a part of the items, each once, other ones in other epochs', async () => {
    const dl = loader(50, { order: partialDl(10) })
    expect(dl.length).toBe(2)
    const [first, second] = [await walked(dl, 0), await walked(dl, 1)]
    expect(new Set(first).size).toBe(8)
    expect(first).not.toEqual(second)
    expect(await walked(loader(5, { order: partialDl(10), dropLast: false }))).toHaveLength(5)
  })

  it('is kept by `with`, and holds only where samples are shuffled', async () => {
    const dl = loader(6, { order: () => [5, 5, 0, 1], bs: 2 })
    expect(await walked(dl)).toEqual([5, 5, 0, 1])
    expect(await walked(dl.with({ bs: 4 }))).toEqual([5, 5, 0, 1])
    const inTurn = dl.with({ shuffle: false, dropLast: false })
    expect([inTurn.length, await walked(inTurn)]).toEqual([3, [0, 1, 2, 3, 4, 5]])
  })

  it('goes on where it stood, and leaves out what cannot be read', async () => {
    const dl = loader(6, { order: () => [3, 2, 3, 1, 0, 3], bs: 2, dropLast: false }, 2)
    const batches = []
    for await (const batch of dl.batches()) batches.push(batch)
    expect(batches.map((b) => b.indices)).toEqual([[3, 3], [1, 0], [3]])
    expect(dl.length).toBe(3)
    expect(await walked(dl, 0, batches[0]!.next)).toEqual([1, 0, 3])
  })

  it('says what is wrong', () => {
    expect(() => loader(3, { order: () => [0, 3] }).order(0)).toThrow(
      'the order of an epoch holds 3, which is not one of the 3 samples',
    )
    expect(() => loader(3, { order: () => 'all' as never }).order(0)).toThrow('must be a list of positions')
    expect(() => weightedDl([1, -1])).toThrow('weight 1 is -1')
    expect(() => weightedDl([0, 0])).toThrow('the 2 weights add up to 0')
    expect(() => weightedDl('x' as never)).toThrow('the weights must be a list, got string "x"')
    expect(() => weightedDl([1, 2])(0, 3, 1)).toThrow('there are 2 weights for 3 training items')
    expect(() => partialDl(0)).toThrow('partialDl takes a whole number of samples, got 0')
    expect(() => loader(3, { suffle: true } as object)).toThrow('did you mean shuffle?')
  })
})
