import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { beforeAll, expect, it } from 'vitest'
import { runWithCuts } from '../../test/cut-run.js'
import { runFolder } from '../../test/run-folder.js'
import { toyLearner, toyLoaders } from '../../test/toy.js'
import { useEngine } from '../engine/engine.js'
import { joinRecords } from '../learner/fit-record.js'
import { accuracy } from '../metrics/accuracy.js'
import { type CsvLoggerOptions, csvLogger } from './csv-logger.js'
import '../node/install.js'

beforeAll(async () => {
  await useEngine('cpu')
})
const dir = runFolder()
const fname = () => `${dir()}.csv`
const lines = () => readFileSync(fname(), 'utf8').trimEnd().split('\n')
const logger = (options: CsvLoggerOptions = {}) => csvLogger({ fname: fname(), ...options })
const titles = 'epoch,train_loss,valid_loss,accuracy,time'

it('writes titles and a row per epoch, its numbers as they are', async () => {
  using learn = toyLearner(await toyLoaders(), { metrics: [accuracy], cbs: [logger()] })
  await learn.fit(3, 1e-2)
  const [head, ...rows] = lines()
  expect(head).toBe(titles)
  expect(rows.map((row) => row.split(',').map((v, i) => (i < 4 ? Number(v) : v)))).toEqual(
    learn.recorder.values.map((row, i) => [i, ...row, '00:00']),
  )
})

it('has both fits of a fineTune, lrFind and passed epochs leave nothing, validation columns stay empty', async () => {
  using learn = toyLearner(await toyLoaders({ valid: 0 }), { metrics: [accuracy], cbs: [logger()] })
  await learn.lrFind({ numIt: 12 })
  await learn.fineTune(2, 1e-2)
  await learn.fit(3, 1e-2, { startEpoch: 2 })
  const [head, ...rows] = lines()
  expect(head).toBe(titles)
  expect(rows.map((row) => row.split(',')[0])).toEqual(['0', '0', '1', '2'])
  expect(rows[0]).toMatch(/^0,[\d.]+,,,00:00$/)
})

it('is begun anew by another run, or added to; titles come again only where they change', async () => {
  const fit = async (metrics: readonly (typeof accuracy)[], append: boolean) => {
    using learn = toyLearner(await toyLoaders({ train: 8 }), { metrics })
    await learn.fit(1, 1e-2, { cbs: [logger({ append })] })
  }
  const first = (line: string) => line.split(',')[0]
  await fit([accuracy], false)
  await fit([accuracy], false)
  expect(lines().map(first)).toEqual(['epoch', '0'])
  await fit([accuracy], true)
  expect(lines().map(first)).toEqual(['epoch', '0', '0'])
  await fit([], true)
  await fit([], true)
  expect(lines().map(first)).toEqual(['epoch', '0', '0', 'epoch', '0', '0'])
  expect(lines()[3]).toBe('epoch,train_loss,valid_loss,time')
  rmSync(fname())
  await fit([], true)
  expect(lines().map(first)).toEqual(['epoch', '0'])
  writeFileSync(fname(), 'a note')
  await fit([], true)
  expect(lines().map(first)).toEqual(['a note', 'epoch', '0'])
})

it('quotes the name of a metric that needs it', async () => {
  const metrics = [{ name: 'n, "m"', reset() {}, accumulate() {}, value: () => 1 }]
  using learn = toyLearner(await toyLoaders({ train: 8 }), { metrics })
  await learn.fit(1, 1e-2, { cbs: [logger()] })
  expect(lines()[0]).toBe('epoch,train_loss,valid_loss,"n, ""m""",time')
})

it('has every epoch once when its run was cut and went on', async () => {
  const cuts = [2, 4, 5, 9, 11]
  const { values } = joinRecords(await runWithCuts(dir(), cuts, logger))
  const [head, ...rows] = lines()
  expect(head).toBe('epoch,train_loss,valid_loss,time')
  expect(rows.map((row) => row.split(',').slice(0, 3).map(Number))).toEqual(
    values.map((row, i) => [[0, 0, 1][i], ...row]),
  )
})

it('says what is wrong with its options', () => {
  expect(() => csvLogger({ fname: '' })).toThrow('csvLogger: fname must be a path')
})
