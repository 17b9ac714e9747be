import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { useEngine } from '@espalier/core'
import { Random } from '@espalier/data'
import { beforeAll, describe, expect, it } from 'vitest'
import '../node/index.js'
import { Frame } from '../frame/frame.js'
import { type CollabLearner, collabLearner } from './collab-learner.js'
import { CollabDataLoaders } from './data.js'
import { mapPoints } from './embedding-map.js'
import { loadCollabLearner } from './load-collab-learner.js'
import { principalAxes } from './principal-axes.js'

beforeAll(() => useEngine('cpu').then(() => {}))

/** Users 1 … and items 101 …; item 100 + i is liked by users of the same parity. */
function ratings(users = 30, items = 20): Frame {
  const random = new Random(1, 'ratings')
  const rows = []
  for (let u = 1; u <= users; u++) {
    for (let i = 1; i <= items; i++) {
      if (random.uniform() < 0.3) continue
      rows.push({ user: u, item: 100 + i, rating: u % 2 === i % 2 ? 5 : 1 })
    }
  }
  return Frame.fromRows(rows)
}

const trained = async (options = {}): Promise<CollabLearner> => {
  const dls = await CollabDataLoaders.fromFrame(ratings(), { seed: 1, bs: 32 })
  const learn = await collabLearner(dls, { nFactors: 8, yRange: [0, 6], verbose: false, ...options })
  await learn.fitOneCycle(12, 5e-2)
  return learn
}

describe('collabLearner', () => {
  it('recommends what users like and have not rated', async () => {
    using learn = await trained()
    const frame = ratings()
    for (const user of [3, 8]) {
      const best = learn.recommend(user, { k: 3 })
      expect(learn.recommend(user, 3)).toEqual(best)
      const rated = frame
        .filter((row) => row['user'] === user)
        .column('item')
        .values()
      expect(best).toHaveLength(3)
      for (const { item, rating } of best) {
        expect(Number(item) % 2).toBe(user % 2)
        expect(rated).not.toContain(item)
        expect(rating).toBeGreaterThan(4)
      }
      expect(best[0]!.rating).toBeGreaterThanOrEqual(best[2]!.rating)
    }
    const all = learn.recommend(3, { k: 100, withSeen: true })
    expect(all).toHaveLength(20)
    expect(learn.recommend(3, { k: 100, withSeen: true, exclude: [all[0]!.item] })).toHaveLength(19)
    const { rating } = all[0]!
    expect(await learn.predict({ user: 3, item: all[0]!.item })).toBeCloseTo(rating, 5)
  })

  it('takes an unknown user for the average one, and refuses it where told to', async () => {
    using learn = await trained()
    const vectors = learn.model.parameters()[0]!.dataSync()
    const mean = (j: number) =>
      Array.from({ length: 30 }, (_, i) => vectors[(i + 1) * 8 + j]!).reduce((a, b) => a + b) / 30
    expect(vectors[0]).toBeCloseTo(mean(0), 5)
    expect(learn.recommend('nobody', { k: 2 })).toHaveLength(2)
    const dls = await CollabDataLoaders.fromFrame(ratings(), { seed: 1, bs: 32, unseen: 'error' })
    using strict = await collabLearner(dls, { nFactors: 2, verbose: false })
    expect(() => strict.recommend('nobody')).toThrow('nothing about the user')
    await expect(strict.predict({ user: 99, item: 101 })).rejects.toThrow('99')
  })

  it('knows similar items, biases and vectors by name', async () => {
    using learn = await trained()
    for (const { item, similarity } of learn.similarItems(105, { k: 3 })) {
      expect(Number(item) % 2).toBe(1)
      expect(similarity).toBeGreaterThan(0.5)
    }
    expect(learn.bias([101, 102])).toHaveLength(2)
    expect(learn.weight([101])[0]).toHaveLength(8)
    expect(learn.bias([1], { isItem: false })[0]).not.toBe(learn.bias([101])[0])
    expect(() => learn.bias([999])).toThrow('nothing about the item number 999')
    expect(() => learn.bias(101 as never)).toThrow('given as a list')
  })

  it('draws a map on which items that are liked alike lie together', async () => {
    using learn = await trained()
    const points = mapPoints(learn, { titleOf: (id) => `film ${id}` })
    const side = points.map(({ id, x }) => Math.sign(x) * (Number(id) % 2 === 0 ? 1 : -1))
    expect(new Set(side).size).toBe(1)
    expect(await learn.embeddingMap({ ids: [101, 102, 103], titleOf: () => 'A <b>' }).toSVG()).toContain(
      'A &lt;b&gt;',
    )
  })

  it('works as a network, which also sees columns beside the ids', async () => {
    const plain = ratings()
    const frame = plain.assign({
      kind: plain
        .column('item')
        .values()
        .map((i) => (Number(i) % 2 ? 'odd' : 'even')),
      age: plain
        .column('user')
        .values()
        .map((u) => 20 + Number(u)),
    })
    const columns = { userColumns: ['age'], itemColumns: ['kind'] }
    const dls = await CollabDataLoaders.fromFrame(frame, { rating: 'rating', bs: 32, ...columns })
    expect([dls.catNames, dls.contNames]).toEqual([['user', 'item', 'kind'], ['age']])
    const gone = frame.map('item', (v, i) => (i === 5 ? null : v))
    await expect(CollabDataLoaders.fromFrame(gone, { rating: 'rating', ...columns })).rejects.toThrow(
      "row 5 has no value in column 'item'",
    )
    using learn = await collabLearner(dls, {
      useNn: true,
      layers: [20],
      yRange: [0, 6],
      verbose: false,
      ...columns,
    })
    await learn.fitOneCycle(8, 2e-2)
    const modules = learn.model.train().all()
    modules.at(-1)!.training = false
    for (const { item } of learn.recommend(4, { k: 2 })) expect(Number(item) % 2).toBe(0)
    expect(modules.map((m) => m.training)).toEqual(modules.map((_, i) => i < modules.length - 1))
    const [{ item, rating }] = learn.recommend(4, { k: 1, withSeen: true }) as [
      { item: number; rating: number },
    ]
    const kind = Number(item) % 2 ? 'odd' : 'even'
    expect(await learn.predict({ user: 4, item, kind, age: 24 })).toBeCloseTo(rating, 4)
    expect(() => learn.bias([101])).toThrow('a network has no biases')
    using untold = await collabLearner(dls, { useNn: true, verbose: false })
    expect(() => untold.recommend(4)).toThrow('nobody said whether kind, age')
    await expect(collabLearner(dls, {})).rejects.toThrow('cannot look at')
    await expect(collabLearner(dls, { useNn: true, itemColumns: ['genre'] })).rejects.toThrow(
      "no column 'genre'",
    )
  })

  it('recommends the same from an exported folder', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'collab-'))
    try {
      using learn = await trained()
      await learn.export(join(folder, 'model'))
      using loaded = await loadCollabLearner(join(folder, 'model'))
      expect(loaded.recommend(3, { k: 4 })).toEqual(learn.recommend(3, { k: 4, withSeen: true }))
    } finally {
      await rm(folder, { recursive: true })
    }
  })

  it('says what is wrong with its options', async () => {
    const dls = await CollabDataLoaders.fromFrame(ratings(), { bs: 32 })
    await expect(collabLearner(dls, { layers: [3] })).rejects.toThrow('layers shapes a network')
    await expect(collabLearner(dls, { n_factors: 3 } as object)).rejects.toThrow('n_factors')
    await expect(collabLearner(dls, { yRange: [5, 1] })).rejects.toThrow('yRange')
    using learn = await collabLearner(dls, { nFactors: 2, verbose: false })
    expect(() => learn.recommend(1, { k: 0 })).toThrow('k must be a whole number')
    expect(() => learn.similarItems(1, 2.5)).toThrow('similarItems: k must be a whole number ≥ 1, got 2.5')
  })
})

it('finds what was planted: five factors, up to the noise', async () => {
  const [users, items, rank, noise] = [300, 240, 5, 0.4]
  const random = new Random(3, 'planted')
  const draw = (n: number, std: number) => Float64Array.from({ length: n }, () => std * random.normal())
  const [us, is] = [draw(users * rank, 0.6), draw(items * rank, 0.6)]
  const columns = { user: [] as number[], item: [] as number[], rating: [] as number[] }
  for (let u = 0; u < users; u++) {
    for (let i = 0; i < items; i++) {
      let rating = 3 + noise * random.normal()
      for (let j = 0; j < rank; j++) rating += us[u * rank + j]! * is[i * rank + j]!
      columns.user.push(u)
      columns.item.push(i)
      columns.rating.push(rating)
    }
  }
  const dls = await CollabDataLoaders.fromFrame(Frame.fromColumns(columns), {
    seed: 1,
    bs: 1024,
    validPct: 0.1,
  })
  using learn = await collabLearner(dls, { nFactors: rank, wd: 0, verbose: false })
  await learn.fitOneCycle(18, 6e-2)
  const { valid_loss: loss } = await learn.validate()
  expect(loss!).toBeLessThan(1.05 * noise ** 2)
  expect(Math.sqrt(loss!)).toBeGreaterThan(0.95 * noise)
})

it('the main axes are those of largest spread', () => {
  const random = new Random(1, 'axes')
  const points = Array.from({ length: 200 }, () => [
    random.normal(),
    5 * random.normal(),
    0.1 * random.normal(),
  ])
  const along = principalAxes(points.flat(), 3, 2)
  const mean = points.reduce((sum, p) => sum + p[1]!, 0) / 200
  for (const [i, p] of points.entries()) expect(Math.abs(along[i]![0]! - (p[1]! - mean))).toBeLessThan(0.4)
})
