import { beforeAll, describe, expect, it } from 'vitest'
import { scripted, told } from '../../test/scripted.js'
import { type ToyLearner, toyLearner, toyLoaders } from '../../test/toy.js'
import { useEngine } from '../engine/engine.js'
import type { Callback } from '../learner/callback.js'
import { accuracy } from '../metrics/accuracy.js'
import '../node/install.js'
import { paramScheduler } from '../learner/param-scheduler.js'
import { schedNo } from '../schedule/anneal.js'
import { earlyStopping } from './early-stopping.js'
import { reduceLROnPlateau } from './reduce-lr-on-plateau.js'
import { type TrackerOptions, trackerCallback } from './tracker-callback.js'

beforeAll(async () => {
  await useEngine('cpu')
})

/** A learner whose score is scripted; only what callbacks say is printed. */
async function scriptedLearner(values: readonly number[], cbs: readonly Callback[]): Promise<ToyLearner> {
  const { metric, cb } = scripted(values)
  return toyLearner(await toyLoaders({ train: 8, valid: 8 }), {
    metrics: [metric],
    cbs: [cb, ...cbs],
    verbose: true,
  })
}
const quietly = (learn: ToyLearner, epochs: number, lr = 0.1) =>
  told(() => learn.with({ quiet: true }, () => learn.fit(epochs, lr)))

describe('a tracker', () => {
  const lists = async (options: TrackerOptions, values: readonly number[]) => {
    const tracker = trackerCallback(options)
    const seen: (readonly [best: number, isNew: boolean])[] = []
    const watch: Callback = {
      name: 'watch',
      order: 61,
      afterEpoch: () => void seen.push([tracker.best, tracker.newBest]),
    }
    using learn = await scriptedLearner(values, [tracker, watch])
    await quietly(learn, values.length)
    return seen
  }

  it('remembers the best value, higher or lower as the name of the column says', async () => {
    expect(await lists({ monitor: 'score' }, [0.5, 0.4, 0.6])).toEqual([
      [0.5, true],
      [0.5, false],
      [0.6, true],
    ])
    expect(await lists({ monitor: 'score', comp: 'less' }, [0.5, 0.4, 0.6])).toEqual([
      [0.5, true],
      [0.4, true],
      [0.4, false],
    ])
    const comp = (monitor: string) => trackerCallback({ monitor }).comp
    expect(['valid_loss', 'errorRate', 'perplexity', 'rmse', 'valid_mae'].map(comp)).toEqual(
      Array(5).fill('less'),
    )
    expect(['accuracy', 'f1_score', 'rmsprop_score'].map(comp)).toEqual(Array(3).fill('greater'))
  })

  it('counts only what is better by more than minDelta', async () => {
    const seen = await lists({ monitor: 'score', minDelta: 0.1 }, [0.5, 0.55, 0.625])
    expect(seen.map(([, isNew]) => isNew)).toEqual([true, false, true])
  })

  it('never takes what is not a number for an improvement', async () => {
    const seen = await lists({ monitor: 'score' }, [Number.NaN, 0.5, Number.NaN])
    expect(seen).toEqual([
      [Number.NEGATIVE_INFINITY, false],
      [0.5, true],
      [0.5, false],
    ])
  })

  it('goes on from the fit before where it is told to', async () => {
    for (const [resetOnFit, best] of [
      [true, 0.3],
      [false, 0.5],
    ] as const) {
      const tracker = trackerCallback({ monitor: 'score', resetOnFit })
      using learn = await scriptedLearner([0.3, 0.5], [tracker])
      await quietly(learn, 2)
      await quietly(learn, 1)
      expect(tracker.best).toBe(best)
    }
  })

  it.each([
    'valid_loss',
    'val_loss',
    'validLoss',
    'valLoss',
    'train_loss',
    'trainLoss',
    'accuracy',
    'valid_accuracy',
  ])('finds the column %s', async (monitor) => {
    const tracker = trackerCallback({ monitor })
    using learn = toyLearner(await toyLoaders(), { metrics: [accuracy], cbs: [tracker] })
    await learn.fit(1)
    expect(learn.recorder.values[0]).toContain(tracker.best)
    learn.recorder.trainMetrics = true
    await learn.fit(1)
    expect(learn.recorder.values[0]).toContain(tracker.best)
  })

  it('refuses a column that is not there, and options that make no sense', async () => {
    using learn = toyLearner(await toyLoaders(), { cbs: [earlyStopping({ monitor: 'acuracy' })] })
    await expect(learn.fit(1)).rejects.toThrow(
      'earlyStopping monitors string "acuracy", which is not measured\n  → monitor one of train_loss, valid_loss, or',
    )
    expect(() => trackerCallback({ comp: 'more' as 'less' })).toThrow(
      "there is no comp string \"more\"\n  → say 'less' or 'greater'",
    )
    expect(() => trackerCallback({ minDelta: -1 })).toThrow('minDelta must be a number from 0, got -1')
    expect(() => trackerCallback({ monitor: 3 as unknown as string })).toThrow(
      'monitor must be the name of a column',
    )
    expect(() => earlyStopping({ patience: 0 })).toThrow(
      'earlyStopping: patience must be a whole number from 1, got 0',
    )
    expect(() => reduceLROnPlateau({ factor: 1 })).toThrow('factor must be a number above 1, got 1')
  })

  it('does nothing while lrFind tries rates', async () => {
    const cbs = [earlyStopping({ monitor: 'accuracy' }), reduceLROnPlateau(), trackerCallback()]
    using learn = toyLearner(await toyLoaders(), { metrics: [accuracy], cbs })
    const { losses } = await learn.lrFind({ numIt: 20, stopDiv: false })
    expect(losses).toHaveLength(20)
    expect(cbs.map((cb) => [cb.run, cb.best])).toEqual([
      [true, Number.NEGATIVE_INFINITY],
      [true, Number.POSITIVE_INFINITY],
      [true, Number.POSITIVE_INFINITY],
    ])
  })
})

it('earlyStopping ends the fit when patience is lost, and says so', async () => {
  const stop = earlyStopping({ monitor: 'score', patience: 2 })
  using learn = await scriptedLearner([0.5, 0.6, 0.6, 0.5, 0.9], [stop])
  const lines = await quietly(learn, 5)
  expect(learn.recorder.values).toHaveLength(4)
  expect([stop.best, stop.wait]).toEqual([0.6, 2])
  expect(lines).toEqual(['No improvement since epoch 1: early stopping'])
})

it('reduceLROnPlateau divides the rates of all groups, down to a floor', async () => {
  const cb = reduceLROnPlateau({ monitor: 'score', factor: 10, minLr: 0.004 })
  using learn = await scriptedLearner([0.5, 0.4, 0.4, 0.4], [cb])
  const lines = await quietly(learn, 4)
  expect(learn.opt.hypers.map((h) => h['lr'])).toEqual([0.004, 0.004])
  expect(lines).toEqual(['Epoch 1: reducing lr to 0.01', 'Epoch 2: reducing lr to 0.004'])
})

it('reduceLROnPlateau says that a schedule of the rate has its way, and keeps quiet about others', async () => {
  for (const [name, said] of [
    ['lr', 1],
    ['wd', 0],
  ] as const) {
    const cbs = [reduceLROnPlateau({ monitor: 'score' }), paramScheduler({ [name]: schedNo(0.1, 0.1) })]
    using learn = await scriptedLearner([0.5, 0.6], cbs)
    const lines = await quietly(learn, 2)
    expect(lines).toEqual(
      Array(said).fill('reduceLROnPlateau has no effect in this fit: a schedule sets the rate at each step'),
    )
  }
})
