import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { Dataset } from '../datasets/dataset.js'
import { ndArray } from '../nd-array.js'
import { Random } from '../random/random.js'
import type { ItemTransform } from '../transform/item-transform.js'
import type { Batch } from './batch.js'
import { DataLoader, type DataLoaderOptions } from './data-loader.js'
import { SkipItem } from './skip-item.js'

/** `n` samples, each its own number; `read` may be slow or fail. */
function numbers(n: number, read: (i: number) => unknown = (i) => i): Dataset {
  return { length: n, id: (i) => `file${i}`, sample: async (i) => [await read(i)] }
}

const unreadable = (bad: (i: number) => boolean) => (i: number) => {
  if (bad(i)) throw new SkipItem('torn')
  return i
}

async function walk(loader: DataLoader, epoch = 0, from = 0): Promise<Batch[]> {
  const batches: Batch[] = []
  for await (const batch of loader.batches(epoch, from)) batches.push(batch)
  return batches
}

const indices = (batches: readonly Batch[]) => batches.map((b) => [...b.indices])
const loader = (n: number, options: DataLoaderOptions = {}) => new DataLoader(numbers(n), options)

describe('order', () => {
  it('is that of the data set, or of seed and epoch', async () => {
    expect(indices(await walk(loader(5, { bs: 2 })))).toEqual([[0, 1], [2, 3], [4]])
    const shuffled = loader(20, { bs: 5, shuffle: true, seed: 7 })
    const first = indices(await walk(shuffled, 0)).flat()
    expect(first).toEqual(shuffled.order(0))
    expect(first).toEqual(new Random(7, 'order', 0).permutation(20))
    expect([...first].sort((a, b) => a - b)).toEqual(loader(20).order(0))
    expect(indices(await walk(shuffled, 1)).flat()).not.toEqual(first)
    expect(indices(await walk(shuffled, 0)).flat()).toEqual(first)
    expect(shuffled.with({ seed: 8 }).order(0)).not.toEqual(first)
  })

  it('is kept when late samples arrive first', async () => {
    const slowFirst = new DataLoader(
      numbers(6, async (i) => {
        await sleep((6 - i) * 3)
        return i
      }),
      { bs: 3 },
    )
    const batches = await walk(slowFirst)
    expect(batches.map((b) => [...b.arrays[0]!.data])).toEqual([
      [0, 1, 2],
      [3, 4, 5],
    ])
    expect(batches[0]!.place).toEqual({ seed: 42, epoch: 0, split: 1 })
  })
})

describe('the last batch', () => {
  it('is kept in order and left out when shuffled, unless told otherwise', async () => {
    expect(loader(7, { bs: 3 })).toHaveLength(3)
    expect((await walk(loader(7, { bs: 3 }))).at(-1)!.indices).toEqual([6])
    const shuffled = loader(7, { bs: 3, shuffle: true })
    expect(shuffled).toHaveLength(2)
    expect(await walk(shuffled)).toHaveLength(2)
    expect((await walk(shuffled.with({ dropLast: false }))).map((b) => b.indices.length)).toEqual([3, 3, 1])
  })

  it('is an error when it would have been the only one', async () => {
    await expect(walk(loader(3, { bs: 4, shuffle: true }))).rejects.toThrow(
      'a batch of 4 cannot be filled from 3 items\n  → use a smaller bs or dropLast: false',
    )
    expect(await walk(loader(0))).toEqual([])
  })
})

describe('samples that cannot be read', () => {
  it('are listed with their reasons, and batches are filled with the next ones', async () => {
    const holes = new DataLoader(
      numbers(
        8,
        unreadable((i) => i === 1 || i === 4),
      ),
      { bs: 3 },
    )
    expect(holes).toHaveLength(3)
    expect(indices(await walk(holes))).toEqual([
      [0, 2, 3],
      [5, 6, 7],
    ])
    expect([...holes.skipped.values()]).toEqual([
      { index: 1, id: 'file1', reason: 'torn' },
      { index: 4, id: 'file4', reason: 'torn' },
    ])
    expect(holes).toHaveLength(2)
  })

  it('are not read again in the next epoch', async () => {
    const reads: number[] = []
    const holes = new DataLoader(
      numbers(4, (i) => {
        reads.push(i)
        return unreadable((j) => j === 2)(i)
      }),
      { bs: 2 },
    )
    await walk(holes)
    await walk(holes, 1)
    expect(reads).toEqual([0, 1, 2, 3, 0, 1, 3])
  })

  it('are an error when there is nothing else, in every epoch', async () => {
    const none = new DataLoader(
      numbers(
        3,
        unreadable(() => true),
      ),
      { bs: 2 },
    )
    for (const epoch of [0, 1]) {
      await expect(walk(none, epoch)).rejects.toThrow(
        'none of the 3 items could be read: file0: torn, file1: torn, file2: torn\n  → check the paths',
      )
    }
  })

  it('are an error when the others no longer fill a batch', async () => {
    const few = new DataLoader(
      numbers(
        4,
        unreadable((i) => i === 0),
      ),
      { bs: 4, shuffle: true },
    )
    for (const epoch of [0, 1]) {
      await expect(walk(few, epoch)).rejects.toThrow(
        'a batch of 4 cannot be filled from 3 items; left out: file0: torn',
      )
    }
  })

  it('any other failure ends the loop with the name of the item', async () => {
    const failing = new DataLoader(
      numbers(4, (i) => {
        if (i === 2) throw new TypeError('no such column')
        return i
      }),
      { bs: 2 },
    )
    const error = await walk(failing).catch((e: unknown) => e)
    expect(error).toMatchObject({ code: 'loader/sample', message: 'loading file2: no such column' })
    expect((error as Error).cause).toBeInstanceOf(TypeError)
  })

  it('so does a failing item transform', async () => {
    const broken: ItemTransform = {
      name: 'broken',
      encode(e) {
        if (e === 1) throw new Error('bad crop')
        return e
      },
    }
    await expect(walk(loader(3, { itemTfms: [broken] }))).rejects.toThrow(
      'loading file1: broken failed on number 1: bad crop',
    )
  })
})

describe('reading ahead', () => {
  it('stops at the given number of batches', async () => {
    for (const prefetch of [0, 1, 3]) {
      let reads = 0
      const counting = new DataLoader(
        numbers(100, (i) => {
          reads++
          return i
        }),
        { bs: 4, prefetch },
      )
      let batches = 0
      for await (const _ of counting.batches()) {
        batches++
        await turn()
        expect(reads).toBeLessThanOrEqual((batches + prefetch) * 4)
        if (batches === 5) break
      }
      expect(reads).toBe((5 + prefetch) * 4)
    }
  })

  it('does not change what is drawn', async () => {
    const noise: ItemTransform<number> = {
      name: 'noise',
      draw: async (_, { random }) => {
        await sleep(random.uniform(0, 2))
        return random.uint32() % 1000
      },
      encode: (e, by) => (e as number) * 1000 + by,
    }
    const drawn = async (prefetch: number, bs: number) => {
      const all = await walk(loader(24, { bs, prefetch, itemTfms: [noise], shuffle: true, seed: 3 }), 5)
      return all.flatMap((b) => [...b.arrays[0]!.data])
    }
    const alone = await drawn(0, 1)
    expect(await drawn(3, 1)).toEqual(alone)
    expect(await drawn(1, 8)).toEqual(alone)
    expect(new Set(alone.map((v) => v % 1000)).size).toBeGreaterThan(20)
  })

  it('leaves nothing dangling when the reader stops early', async () => {
    const unhandled: unknown[] = []
    const listen = (reason: unknown) => unhandled.push(reason)
    process.on('unhandledRejection', listen)
    try {
      const failing = new DataLoader(
        numbers(50, async (i) => {
          await sleep(1)
          if (i > 5) throw new Error('late')
          return i
        }),
        { bs: 2, prefetch: 8 },
      )
      for await (const _ of failing.batches()) break
      await sleep(20)
      expect(unhandled).toEqual([])
    } finally {
      process.off('unhandledRejection', listen)
    }
  })
})

it('refuses what is no data set', () => {
  for (const [given, got] of [
    [['a.jpg'], '["a.jpg"]'],
    [undefined, 'undefined'],
  ] as const) {
    expect(() => new DataLoader(given as unknown as Dataset)).toThrow(
      `a data loader needs a data set, got ${got}\n  → make one of items`,
    )
  }
})

it('refuses options that make no sense', () => {
  function crop() {}
  expect(() => loader(1).with({ itemTfms: [crop as unknown as ItemTransform] })).toThrow(
    'itemTfms holds function crop, which is no transform\n  → call it: crop(…)',
  )
  for (const bs of [0, -1, 1.5, Number.NaN]) {
    expect(() => loader(1, { bs })).toThrow(
      `the batch size must be a whole number ≥ 1, got ${bs}\n  → say bs: 16`,
    )
  }
  expect(() => loader(1, { bs: '4' as unknown as number })).toThrow('≥ 1, got string "4"')
  for (const prefetch of [-1, 0.5, Number.NaN]) {
    expect(() => loader(1, { prefetch })).toThrow(`prefetch must be a whole number ≥ 0, got ${prefetch}`)
  }
})

it('begins anywhere in an epoch, as if it had come there itself', async () => {
  const dataset: Dataset = {
    length: 23,
    async sample(i, { random }) {
      if (i % 7 === 3) throw new SkipItem('unreadable')
      return [ndArray('float32', [1], [i + random.uniform()])]
    },
    id: String,
  }
  const make = () => new DataLoader(dataset, { bs: 4, shuffle: true, dropLast: false, seed: 5 })
  const all = await walk(make(), 2)
  expect(all.at(-1)!.next).toBe(23)
  for (const [i, { next }] of all.entries()) {
    expect(await walk(make(), 2, next)).toEqual(all.slice(i + 1))
  }
  const known = make()
  known.skipped.set(3, { index: 3, id: '3', reason: 'unreadable' })
  expect(await walk(known, 2)).toEqual(all)
})
