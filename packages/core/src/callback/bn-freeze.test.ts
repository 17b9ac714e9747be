import { beforeAll, expect, it } from 'vitest'
import { toyLearner, toyLoaders } from '../../test/toy.js'
import { useEngine } from '../engine/engine.js'
import type { Callback } from '../learner/callback.js'
import { bnFreeze } from './bn-freeze.js'

beforeAll(async () => {
  await useEngine('cpu')
})

it('bnFreeze keeps the statistics of norms that do not train', async () => {
  const statistics = async (cbs: readonly Callback[], trainBn: boolean) => {
    using learn = toyLearner(await toyLoaders(), { trainBn, cbs })
    learn.freeze()
    await learn.fit(1, 0.1)
    return [...learn.model.norm.runningMean.dataSync()]
  }
  const zeros = new Array(8).fill(0)
  expect(await statistics([bnFreeze()], false)).toEqual(zeros)
  expect(await statistics([], false)).not.toEqual(zeros)
  expect(await statistics([bnFreeze()], true)).not.toEqual(zeros)
})
