import { beforeAll, expect, it } from 'vitest'
import { Mlp, toyLearner, toyLoaders } from '../../test/toy.js'
import { useEngine } from '../engine/engine.js'
import type { Callback } from './callback.js'
import { eventNames } from './event-names.js'
import { Learner } from './learner.js'
import { misspeltEvent } from './misspelt-event.js'

beforeAll(async () => {
  await useEngine('cpu')
})

it.each([
  ['afterbatch', 'afterBatch'],
  ['after_batch', 'afterBatch'],
  ['AfterBatch', 'afterBatch'],
  ['aferEpoch', 'afterEpoch'],
  ['beforTrain', 'beforeTrain'],
  ['afterValid', 'afterValidate'],
  ['before_validate', 'beforeValidate'],
  ['after_cancel_fit', 'afterCancelFit'],
  ['onEpochEnd', 'afterEpoch'],
  ['on_epoch_begin', 'beforeEpoch'],
  ['onTrainBatchEnd', 'afterBatch'],
  ['onValidationStart', 'beforeValidate'],
  ['onFitStart', 'beforeFit'],
  ['afterEveryEpoch', 'afterEpoch'],
])('%s probably means %s', (name, nearest) => {
  expect(misspeltEvent({ name: 'mine', [name]() {} })).toEqual({ name, nearest })
})

it('events, and functions that have nothing to do with them, are left alone', () => {
  class Mine {
    readonly name = 'mine'
    readonly after = 3
    readonly onlyOnce = true
    afterEpoch() {}
    release() {}
    saveState() {}
    loadState() {}
    describeRun() {}
    plot() {}
    step() {}
    onRow() {}
    beforeAll() {}
    reset() {}
    accumulate() {}
    get afterEverything() {
      return 0
    }
  }
  expect(misspeltEvent(new Mine())).toBeUndefined()
  const all = Object.fromEntries(eventNames.map((event) => [event, () => {}]))
  expect(misspeltEvent({ name: 'all', ...all })).toBeUndefined()
})

it('a learner and a fit refuse them at once, also in a class', async () => {
  class Mine {
    readonly name = 'mine'
    afterbatch() {}
  }
  const cbs = [new Mine() as Callback]
  const message =
    "callback 'mine' has a function afterbatch, and there is no such event\n  → call it afterBatch; the events are beforeFit,"
  const dls = await toyLoaders()
  using model = new Mlp()
  expect(() => new Learner(dls, model, { cbs })).toThrow(message)
  using learn = toyLearner(dls)
  await expect(learn.fit(1, 1e-2, { cbs })).rejects.toThrow(message)
})
