import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { accuracy, rmse, useEngine } from '@espalier/core'
import { Random } from '@espalier/data'
import { beforeAll, expect, it } from 'vitest'
import { toyLoaders } from '../../test/toy.js'
import { entityEmbeddings, loadLearner, tabularLearner } from '../node/index.js'

beforeAll(() => useEngine('cpu').then(() => {}))

it('learns a class, and predicts one raw row by name', async () => {
  const dls = await toyLoaders({ yNames: 'rich' })
  using learn = await tabularLearner(dls, { layers: [20, 10], metrics: [accuracy], verbose: false })
  await learn.fitOneCycle(8, 1e-2)
  const { accuracy: share } = await learn.validate()
  expect(share).toBeGreaterThan(0.85)
  expect(await learn.predict({ job: 'baker', age: 59, pay: 8 })).toMatchObject({ label: 'yes' })
  expect(await learn.predict({ job: 'cook', age: 21, pay: 1 })).toMatchObject({ label: 'no' })
})

it('learns numbers, between bounds, and labels', async () => {
  const one = await toyLoaders({ yNames: 'score' })
  using number = await tabularLearner(one, {
    layers: [30],
    metrics: [rmse()],
    yRange: [0, 12],
    verbose: false,
    embSzs: { job: 2 },
  })
  expect(number.model.embeds.tables.map((t) => t.nDim)).toEqual([2, 3])
  await number.fitOneCycle(10, 2e-2)
  const { rmse: error } = await number.validate()
  expect(error).toBeLessThan(1)
  const predicted = (await number.predict({ job: 'cook', age: null, pay: 8 })) as number
  expect(predicted).toBeGreaterThan(6)
  expect(predicted).toBeLessThan(12)

  const two = await toyLoaders({ yNames: ['score', 'pay2'] })
  using numbers = await tabularLearner(two, { layers: [10], verbose: false })
  await numbers.fit(1)
  expect(await numbers.predict({ job: 'cook', age: 30, pay: 5 })).toHaveLength(2)

  const labels = await toyLoaders({ yNames: ['old', 'well'] })
  using multi = await tabularLearner(labels, { layers: [20], verbose: false })
  await multi.fitOneCycle(8, 2e-2)
  expect(await multi.predict({ job: 'cook', age: 58, pay: 1.2 })).toMatchObject({ labels: ['old'] })
})

it('predicts the same from an exported folder, alone in the world', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tabular-'))
  try {
    const dls = await toyLoaders({ yNames: 'rich' })
    using learn = await tabularLearner(dls, { layers: [8], config: { ps: 0.1, embedP: 0.1 }, verbose: false })
    await learn.fit(1)
    await learn.export(join(folder, 'model'))
    using loaded = await loadLearner(join(folder, 'model'))
    for (const row of [
      { job: 'clerk', age: null, pay: 3 },
      { job: 'juggler', age: 44, pay: 2, more: 1 },
    ]) {
      expect(await loaded.predict(row)).toEqual(await learn.predict(row))
    }
    await expect(loaded.predict({ job: 'cook', age: 3 })).rejects.toThrow("'pay'")
    expect(entityEmbeddings(loaded, 'job').column('job').values()).toEqual(['#na#', 'baker', 'clerk', 'cook'])
  } finally {
    await rm(folder, { recursive: true })
  }
})

it('gives the vectors of a column as a table', async () => {
  const dls = await toyLoaders({ yNames: 'rich' })
  using learn = await tabularLearner(dls, { layers: [8], verbose: false })
  const frame = entityEmbeddings(learn, 'job')
  expect([frame.names, frame.length]).toEqual([['job', 'job_0', 'job_1', 'job_2'], 4])
  const { weight } = learn.model.embeds.tables[0]!
  expect(frame.column('job_1').at(2)).toBeCloseTo(weight.dataSync()[2 * 3 + 1]!, 6)
  expect(() => entityEmbeddings(learn, 'age')).toThrow("no embedding of a column 'age'")
})

it('says what is wrong with its options', async () => {
  const dls = await toyLoaders({ yNames: 'rich' })
  await expect(tabularLearner(dls, { layer: [8] } as object)).rejects.toThrow('layer')
  await expect(tabularLearner(dls, { embSzs: { jop: 3 } })).rejects.toThrow("'jop'")
  await expect(tabularLearner({} as never)).rejects.toThrow('needs loaders of a table')
})

it('the same seed gives the same model, whatever was drawn before', async () => {
  const dls = await toyLoaders({ yNames: 'rich' })
  const first = async () => {
    using learn = await tabularLearner(dls, { layers: [8], verbose: false, seed: 3 })
    await learn.fit(1)
    return [...learn.model.layers.parameters()[0]!.dataSync()]
  }
  const before = await first()
  new Random(1, 'x').uniform()
  expect(await first()).toEqual(before)
})
