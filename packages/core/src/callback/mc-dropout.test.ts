import type { NdArray } from '@espalier/data'
import { beforeAll, describe, expect, it } from 'vitest'
import { toyLearner, toyLoaders, weightsOf } from '../../test/toy.js'
import { useEngine } from '../engine/engine.js'
import type { Callback } from '../learner/callback.js'
import { mcDropout } from './mc-dropout.js'

beforeAll(async () => {
  await useEngine('cpu')
})

describe('mcDropout', () => {
  const flat = (preds: NdArray) => [...preds.data]

  it('makes each pass drop something else, the same in each run, and leaves the model as it was', async () => {
    const passes = async () => {
      using learn = toyLearner(await toyLoaders({ valid: 16 }))
      const cbs = [mcDropout()]
      const one = flat((await learn.getPreds({ cbs })).preds)
      const two = flat((await learn.getPreds({ cbs })).preds)
      const plain = flat((await learn.getPreds()).preds)
      expect(learn.model.drop.training).toBe(true)
      await learn.fit(1, 0.01, { cbs })
      expect(learn.model.drop.training).toBe(false)
      return [one, two, plain]
    }
    const [one, two, plain] = await passes()
    expect(one).not.toEqual(two)
    expect(one).not.toEqual(plain)
    expect(await passes()).toEqual([one, two, plain])
  })

  it('does not change what is trained', async () => {
    const trained = async (cbs: readonly Callback[]) => {
      using learn = toyLearner(await toyLoaders(), { cbs })
      await learn.fit(2, 0.05)
      return weightsOf(learn)
    }
    expect(await trained([mcDropout()])).toEqual(await trained([]))
  })
})
