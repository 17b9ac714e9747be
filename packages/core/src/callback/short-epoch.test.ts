import { beforeAll, describe, expect, it } from 'vitest'
import { toyLearner, toyLoaders } from '../../test/toy.js'
import { useEngine } from '../engine/engine.js'
import type { Callback } from '../learner/callback.js'
import { shortEpoch } from './short-epoch.js'

beforeAll(async () => {
  await useEngine('cpu')
})

describe('shortEpoch', () => {
  it.each([
    [0.4, {}, 4, 3, [undefined, undefined]],
    [0.4, { shortValid: false }, 4, 4, [undefined, expect.any(Number)]],
    [1, {}, 6, 4, [expect.any(Number), expect.any(Number)]],
    [0, {}, 1, 1, [undefined, undefined]],
  ])('leaves an epoch after %d of its batches %j', async (pct, options, train, valid, row) => {
    let [trained, validated] = [0, 0]
    const count: Callback = {
      name: 'count',
      afterPred(s) {
        if (s.training) trained++
        else validated++
      },
    }
    const dls = await toyLoaders({ train: 48, valid: 32 })
    using learn = toyLearner(dls, { cbs: [shortEpoch(pct, options), count] })
    await learn.fit(1)
    expect([trained, validated]).toEqual([train, valid])
    expect(learn.recorder.values).toEqual([row])
  })

  it('cuts neither predictions nor lrFind', async () => {
    using learn = toyLearner(await toyLoaders({ train: 48, valid: 32 }), { cbs: [shortEpoch(0.1)] })
    await learn.fit(1)
    expect((await learn.getPreds()).preds.shape).toEqual([32, 3])
    expect((await learn.lrFind({ numIt: 20, stopDiv: false })).losses).toHaveLength(20)
    expect(() => shortEpoch(2)).toThrow('shortEpoch: pct must be a number from 0 and up to 1, got 2')
  })
})
