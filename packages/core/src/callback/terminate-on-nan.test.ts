import { beforeAll, describe, expect, it } from 'vitest'
import { told } from '../../test/scripted.js'
import { toyLearner, toyLoaders, weightsOf } from '../../test/toy.js'
import { useEngine } from '../engine/engine.js'
import * as tf from '../engine/tf.js'
import type { Callback } from '../learner/callback.js'
import { cancel } from '../learner/cancel.js'
import { accuracy } from '../metrics/accuracy.js'
import '../node/install.js'
import { terminateOnNaN } from './terminate-on-nan.js'

beforeAll(async () => {
  await useEngine('cpu')
})

describe('terminateOnNaN', () => {
  /** The loss is infinite at one step, and so is what norms then see. */
  const bad = (step: number, training = true): Callback => ({
    name: 'bad',
    beforeBatch(s) {
      if (s.training === training && (!training || s.trainIter === step)) {
        s.x = [tf.fill(s.x[0]!.shape, Number.NaN)]
      }
    },
  })

  it('ends the fit in place of the error, with the model as it was before that step', async () => {
    using short = toyLearner(await toyLoaders({ train: 16, valid: 8 }))
    await short.fit(1, 0.05)
    using learn = toyLearner(await toyLoaders({ train: 24, valid: 8, shuffle: false }), {
      cbs: [bad(2), terminateOnNaN()],
      metrics: [accuracy],
      verbose: true,
    })
    using same = toyLearner(await toyLoaders({ train: 24, valid: 8, shuffle: false }), {
      cbs: [{ name: 'stop', beforeBatch: (s) => (s.trainIter === 2 ? cancel('fit') : undefined) }],
    })
    const lines = await told(() => learn.with({ quiet: true }, () => learn.fit(3, 0.05)))
    await same.fit(3, 0.05)
    expect(lines).toEqual(['The loss is NaN (epoch 0, batch 2 of training): the fit ends'])
    expect(weightsOf(learn)).toEqual(weightsOf(same))
    expect(learn.recorder.values).toEqual([])
    expect(learn.model.norm.batchesTracked).toBe(2)
  })

  it('hears validation too, and the error is back without it', async () => {
    using learn = toyLearner(await toyLoaders(), { cbs: [bad(0, false)] })
    await learn.fit(3, 0.05, { cbs: [terminateOnNaN()] })
    expect(learn.recorder.values).toEqual([])
    using other = toyLearner(await toyLoaders(), { cbs: [bad(0)] })
    await expect(other.fit(1, 0.05)).rejects.toThrow('the loss is NaN at step 0')
  })
})
