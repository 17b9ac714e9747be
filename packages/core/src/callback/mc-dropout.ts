import { Random } from '@espalier/data'
import type { Callback } from '../learner/callback.js'
import type { AnyModule } from '../nn/module.js'
import { setDropoutPlace } from '../nn/next-drops.js'

/**
 * Keeps dropout on while validating and predicting (Gal & Ghahramani 2016, fastai's `MCDropoutCallback`): how much
 * the predictions of several passes differ says how sure the model is. Each pass drops something else.
 *
 * @example
 * const cbs = [mcDropout()]
 * const passes = []
 * for (let i = 0; i < 10; i++) passes.push(await learn.getPreds({ cbs }))
 */
export function mcDropout(): Callback {
  let pass = 0
  let seed = 0
  let on: readonly AnyModule[] = []
  const off = () => {
    for (const m of on) m.training = false
    on = []
  }
  return {
    name: 'mcDropout',
    runTrain: false,
    beforeValidate({ learn }) {
      seed = new Random(learn.run.seed, 'mcDropout', pass++).uint32()
      on = [...learn.model.modules()].flatMap(([, m]) => (isDropout(m) ? [m] : []))
      for (const m of on) m.training = true
    },
    beforeBatch: ({ iter }) => setDropoutPlace(seed, iter),
    afterValidate: off,
    release: off,
    saveState: () => ({ data: { pass } }),
    loadState({ data }) {
      pass = (data as { readonly pass: number }).pass
    },
  }
}

function isDropout(module: AnyModule): boolean {
  return /dropout/i.test(module.kind)
}
