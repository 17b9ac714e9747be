import type { Batch } from '@espalier/data'
import { beforeAll, expect, it } from 'vitest'
import { toyLearner, toyLoaders } from '../../test/toy.js'
import { useEngine } from '../engine/engine.js'
import type * as tf from '../engine/tf.js'
import { accuracy, errorRate } from '../metrics/accuracy.js'
import { joinRecords, lossHistory } from './fit-record.js'
import type { LoopVariables } from './loop.js'
import { Recorder } from './recorder.js'

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
  learn.recorder = new Recorder(learn.metrics, 0.98, () => (clock += 500))
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
