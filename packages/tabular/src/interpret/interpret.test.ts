import { accuracy, type Learner, useEngine } from '@espalier/core'
import { beforeAll, describe, expect, it } from 'vitest'
import '../node/index.js'
import { toyLoaders } from '../../test/toy.js'
import { tabularLearner } from '../learner/tabular-learner.js'
import type { TabularModel } from '../models/tabular-model.js'
import { CalibrationCurve, calibrationCurve } from './calibration-curve.js'
import { partialDependence } from './partial-dependence.js'
import { permutationImportance } from './permutation-importance.js'
import { sliceMetrics } from './slice-metrics.js'
import { topLossRows } from './top-loss-rows.js'

beforeAll(() => useEngine('cpu').then(() => {}))

async function regression(): Promise<Learner<TabularModel, unknown>> {
  const dls = await toyLoaders({ yNames: 'score' })
  const learn = await tabularLearner(dls, { layers: [30], verbose: false })
  await learn.fitOneCycle(12, 2e-2)
  return learn as Learner<TabularModel, unknown>
}

async function classes(): Promise<Learner<TabularModel, unknown>> {
  const dls = await toyLoaders({ yNames: 'rich' })
  const learn = await tabularLearner(dls, { layers: [20], metrics: [accuracy], verbose: false })
  await learn.fitOneCycle(8, 1e-2)
  return learn as Learner<TabularModel, unknown>
}

describe('what a model of rows goes by', () => {
  it('a score that is mostly pay depends on pay, and on age hardly', async () => {
    using learn = await regression()
    const { columns, ...importance } = await permutationImportance(learn, { repeats: 2 })
    expect(columns.map((c) => c.column)[0]).toBe('pay')
    expect(columns.map((c) => c.column).sort()).toEqual(['age', 'job', 'pay'])
    expect(columns[0]!.change).toBeGreaterThan(5 * Math.abs(columns[2]!.change))
    expect(importance.metric).toBe('valid_loss')
    await expect(permutationImportance(learn, { metric: 'auc' })).rejects.toThrow("does not measure 'auc'")
  })

  it('the mean prediction rises with pay as the score does, and with the job', async () => {
    using learn = await regression()
    const pay = await partialDependence(learn, 'pay', { points: 5 })
    expect(pay.points).toHaveLength(5)
    const [low, high] = [pay.points[0]!, pay.points[4]!]
    const slope = (high.outputs[0]! - low.outputs[0]!) / (Number(high.value) - Number(low.value))
    expect(slope).toBeGreaterThan(0.8)
    expect(slope).toBeLessThan(1.2)
    expect([Number(low.value), Number(high.value)].every((v) => v >= 1 && v <= 9)).toBe(true)
    const job = await partialDependence(learn, 'job')
    expect(job.points.map((p) => p.value)).toEqual(['baker', 'clerk', 'cook'])
    const by = Object.fromEntries(job.points.map((p) => [p.value, p.outputs[0]!]))
    expect(by['baker']! - by['cook']!).toBeGreaterThan(1.2)
    expect(job.table().header).toEqual(['job', 'score'])
    expect(await job.plot().toSVG()).toContain('baker')
    const age = await partialDependence(learn, 'age', { points: 3 })
    expect(age.points.every((p) => Number(p.value) >= 20 && Number(p.value) < 60)).toBe(true)
    await expect(partialDependence(learn, 'jop')).rejects.toThrow("does not look at a column 'jop'")
  })

  it('rows with the largest losses come with target and prediction', async () => {
    using learn = await classes()
    const rows = await topLossRows(learn, 4)
    expect(rows.names).toEqual(['job', 'age', 'pay', 'target', 'predicted', 'loss', 'id'])
    const losses = rows.column('loss').values().map(Number)
    expect([...losses].sort((a, b) => b - a)).toEqual(losses)
    for (const row of rows) {
      const [, place] = /row (\d+)/.exec(String(row['id']))!
      expect(Number(place) % 4).toBe(0)
      expect(String(row['predicted'])).toMatch(/^(yes|no) \(\d\.\d{3}\)$/)
      // A loss above log 2 is a wrong prediction.
      if (Number(row['loss']) > Math.LN2)
        expect(String(row['predicted']).split(' ')[0]).not.toBe(row['target'])
    }
    const { length } = await topLossRows(learn, 1000)
    expect(length).toBe(100)
  })

  it('counts how often each probability came true', async () => {
    using learn = await classes()
    const curve = await calibrationCurve(learn, { bins: 5 })
    expect(curve.label).toBe('yes')
    expect(curve.bins.reduce((n, b) => n + b.n, 0)).toBe(100)
    const shares = curve.bins.map((b) => b.share)
    expect(shares.at(-1)! - shares[0]!).toBeGreaterThan(0.5)
    for (const b of curve.bins) expect(b.probability >= b.from && b.probability <= b.to).toBe(true)
    expect(new CalibrationCurve('x', [{ from: 0, to: 1, n: 4, probability: 0.5, share: 0.75 }]).error).toBe(
      0.25,
    )
    await expect(calibrationCurve(learn, { label: 'maybe' })).rejects.toThrow("no label 'maybe'")
    using numbers = await regression()
    await expect(calibrationCurve(numbers)).rejects.toThrow('predicts numbers')
  })

  it('measures slices, of categories and of ranges of numbers', async () => {
    using learn = await classes()
    const { slices } = await sliceMetrics(learn, 'job')
    expect(slices[0]).toMatchObject({ name: 'all', n: 100 })
    expect(
      slices
        .slice(1)
        .map((s) => s.name)
        .sort(),
    ).toEqual(['baker', 'clerk', 'cook'])
    const [all, ...parts] = slices
    const mean = parts.reduce((sum, s) => sum + s.n * s.measured['accuracy']!, 0) / 100
    expect(mean).toBeCloseTo(all!.measured['accuracy']!, 5)
    const pay = await sliceMetrics(learn, 'pay', { ranges: 2 })
    expect(pay.slices.slice(1).map((s) => s.n)).toEqual([50, 50])
    expect(pay.table().toText()).toContain('below')
    expect(await pay.plot('accuracy').toSVG()).toContain('accuracy')
  })

  it('a learner without rows says so', async () => {
    using learn = await classes()
    learn.dls = learn.dls.newEmpty()
    await expect(sliceMetrics(learn, 'job')).rejects.toThrow('there are no validation rows')
  })
})
