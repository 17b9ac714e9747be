import type { Batch } from '@espalier/data'
import { beforeAll, describe, expect, it } from 'vitest'
import { toyLearner, toyLoaders } from '../../test/toy.js'
import { useEngine } from '../engine/engine.js'
import type * as tf from '../engine/tf.js'
import { accuracy, errorRate } from '../metrics/accuracy.js'
import type { Metric } from '../metrics/metric.js'
import type { ProgressReporter } from '../report/progress/progress-reporter.js'
import { type CancelPart, cancel } from './cancel.js'
import { joinRecords, lossHistory } from './fit-record.js'
import type { LoopVariables } from './loop.js'
import { progress } from './progress.js'
import { Recorder, type RecorderOptions } from './recorder.js'

beforeAll(async () => {
  await useEngine('cpu')
})

/** The state after a training batch with a loss. */
const after = (loss: number) =>
  ({
    training: true,
    loss,
    pred: {} as tf.Tensor,
    y: [{}],
    batch: { indices: [0] } as unknown as Batch,
    learn: { opt: { hypers: [{ lr: 1 }, { lr: 0.5, mom: 0.9 }] } },
  }) as unknown as LoopVariables

it('smooths the training loss as fastai does, over the whole fit', () => {
  const recorder = new Recorder([])
  recorder.beforeFit()
  for (const loss of [1, 0.5, 0.25]) recorder.afterBatch(after(loss))
  for (const [i, want] of [1, 0.747474747, 0.578288668].entries()) {
    expect(recorder.losses[i]).toBeCloseTo(want, 5)
  }
  expect(recorder.rawLosses).toEqual([1, 0.5, 0.25])
  expect(recorder.smoothLoss).toBe(recorder.losses[2])
  expect([recorder.lrs[0], recorder.moms[0]]).toEqual([0.5, 0.9])
  recorder.beforeFit()
  expect([recorder.losses.length, recorder.smoothLoss]).toEqual([0, 0])
  recorder.afterBatch(after(3))
  expect(recorder.losses).toEqual([expect.closeTo(3, 4)])
})

it('writes a row per epoch under the titles of its columns', async () => {
  let clock = 0
  using learn = toyLearner(await toyLoaders(), { metrics: [accuracy, errorRate] })
  learn.recorder = new Recorder(learn.metrics, { now: () => (clock += 500) })
  await learn.fit(2, 1e-2)
  const { recorder } = learn
  expect(recorder.columns).toEqual(['train_loss', 'valid_loss', 'accuracy', 'error_rate'])
  expect(recorder.values).toHaveLength(2)
  for (const [i, [train, valid, acc, err]] of recorder.values.entries()) {
    expect(train).toBe(recorder.losses[recorder.iters[i]! - 1])
    expect(valid).toBeGreaterThan(0)
    expect(acc! + err!).toBeCloseTo(1, 6)
  }
  expect(recorder.iters).toEqual([3, 6])
  expect(recorder.seconds).toEqual([0.5, 0.5])
  expect(recorder.lrs).toEqual(new Array(6).fill(1e-2))
})

it('leaves the columns of validation empty where there is none', async () => {
  using learn = toyLearner(await toyLoaders({ valid: 0 }), { metrics: [accuracy] })
  await learn.fit(1, 1e-2)
  expect(learn.recorder.values).toEqual([[expect.any(Number), undefined, undefined]])
})

it('weighs validation batches by their rows', async () => {
  using learn = toyLearner(await toyLoaders({ valid: 9 }), {
    metrics: [
      function rows(pred: tf.Tensor) {
        return pred.shape[0]!
      },
    ],
  })
  expect((await learn.validate())['rows']).toBeCloseTo((8 * 8 + 1 * 1) / 9, 5)
})

it('keeps the fits before this one, which can be read as one', async () => {
  using learn = toyLearner(await toyLoaders())
  await learn.fit(2, 1e-2)
  await learn.lrFind({ numIt: 20 })
  await learn.fit(1, 1e-3)
  const { fits, losses, values } = learn.recorder
  expect(fits).toHaveLength(2)
  expect(fits[1]!.losses).toBe(losses)
  const all = joinRecords(fits)
  expect(all.losses).toEqual([...fits[0]!.losses, ...losses])
  expect(all.values).toEqual([...fits[0]!.values, ...values])
  expect(all.iters).toEqual([3, 6, 9])
  expect(lossHistory(all).valid!.map((v) => v.step)).toEqual([3, 6, 9])
})

describe('columns', () => {
  it.each<[RecorderOptions, readonly string[]]>([
    [{ trainMetrics: true }, ['train_loss', 'train_accuracy', 'valid_loss', 'valid_accuracy']],
    [{ trainMetrics: true, validMetrics: false }, ['train_loss', 'accuracy']],
    [{ validMetrics: false }, ['train_loss']],
  ])('are those that were asked for: %j', async (options, columns) => {
    using learn = toyLearner(await toyLoaders(), { metrics: [accuracy] })
    Object.assign(learn.recorder, options)
    await learn.fit(2, 1e-2)
    const { recorder } = learn
    expect(recorder.columns).toEqual(columns)
    expect(recorder.fits[0]!.columns).toEqual(columns)
    for (const row of recorder.values) {
      expect(row).toHaveLength(columns.length)
      expect(row.every((v) => Number.isFinite(v))).toBe(true)
    }
    expect(lossHistory(recorder.fits[0]!).valid).toHaveLength(options.validMetrics === false ? 0 : 2)
  })

  it('have the metrics of training over all its batches', async () => {
    using learn = toyLearner(await toyLoaders({ train: 24 }), {
      metrics: [
        function rows(pred: tf.Tensor) {
          return pred.shape[0]!
        },
      ],
    })
    learn.recorder.trainMetrics = true
    await learn.fit(1, 1e-2)
    expect(learn.recorder.values[0]![1]).toBe(8)
  })

  it('are joined by name where fits differ', async () => {
    using learn = toyLearner(await toyLoaders(), { metrics: [accuracy] })
    await learn.fit(1, 1e-2)
    learn.recorder.trainMetrics = true
    await learn.fit(1, 1e-2)
    const { columns, values } = joinRecords(learn.recorder.fits)
    expect(columns).toEqual(['train_loss', 'train_accuracy', 'valid_loss', 'valid_accuracy'])
    expect(values[0]!.map((v) => v === undefined)).toEqual([false, true, false, true])
    expect(values[1]).toEqual(learn.recorder.values[0])
  })
})

it.each<[CancelPart, 'afterBatch' | 'beforeEpoch', boolean, readonly unknown[]]>([
  ['train', 'afterBatch', true, [undefined, expect.any(Number)]],
  ['validate', 'afterBatch', false, [expect.any(Number), undefined]],
  ['epoch', 'afterBatch', true, [undefined, undefined]],
  ['epoch', 'beforeEpoch', false, [undefined, undefined]],
])('measures nothing of a %s that was cancelled in %s', async (part, event, training, row) => {
  const stop = (s: { readonly training: boolean }) => {
    if (s.training === training) cancel(part)
  }
  using learn = toyLearner(await toyLoaders())
  await learn.fit(1, 1e-2, { cbs: [{ name: 'stop', order: 70, [event]: stop }] })
  expect(learn.recorder.values).toEqual([row])
})

it('is saved and put back to the last bit, whatever the numbers', () => {
  const filled = new Recorder([])
  filled.beforeFit()
  filled.beforeEpoch()
  filled.beforeTrain()
  const odd = [1 / 3, 5e-324, 1.7976931348623157e308, Number.NaN, Number.POSITIVE_INFINITY, -0]
  for (const [i, loss] of odd.entries()) {
    filled.afterBatch(after(loss))
    filled.keep('wd', odd[odd.length - 1 - i]!)
  }
  filled.afterTrain()
  filled.afterEpoch()
  const saved = JSON.parse(JSON.stringify(filled.saveState()))
  const empty = new Recorder([])
  empty.beforeFit()
  empty.beforeEpoch()
  empty.loadState(saved)
  for (const key of ['rawLosses', 'losses', 'lrs', 'moms', 'iters', 'values', 'seconds'] as const) {
    expect(empty[key], key).toEqual(filled[key])
  }
  expect(Object.is(empty.rawLosses[5], -0)).toBe(true)
  expect(empty.hps).toEqual(filled.hps)
  empty.afterBatch(after(2))
  filled.afterBatch(after(2))
  expect(empty.losses).toEqual(filled.losses)
})

it('says which metric cannot be saved in the middle of an epoch', () => {
  const metric: Metric = { name: 'mine', reset() {}, accumulate() {}, value: () => 1 }
  const recorder = new Recorder([metric], { trainMetrics: true })
  recorder.beforeFit()
  recorder.beforeEpoch()
  recorder.beforeTrain()
  expect(() => recorder.saveState()).toThrow(
    "the metric 'mine' cannot be saved in the middle of an epoch\n  → give it saveState and loadState",
  )
  recorder.afterTrain()
  expect(recorder.saveState()).toHaveProperty('data')
  expect(() => new Recorder([], { beta: 1 })).toThrow('beta must be a number from 0 to below 1, got 1')
})

it('is shown with or without the time of an epoch', async () => {
  const rows: (readonly string[])[] = []
  const reporter: ProgressReporter = {
    fitStart: ({ columns }) => void rows.push(columns),
    epochStart() {},
    phase() {},
    batch() {},
    row: (values) => void rows.push(values),
    fitEnd() {},
  }
  using learn = toyLearner(await toyLoaders(), { cbs: [progress(reporter)] })
  await learn.fit(1)
  learn.recorder.addTime = false
  await learn.fit(1)
  expect(rows.map((r) => r.length)).toEqual([4, 4, 3, 3])
  expect(rows[2]).toEqual(['epoch', 'train_loss', 'valid_loss'])
})
