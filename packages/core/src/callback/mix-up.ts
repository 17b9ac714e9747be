import { Random } from '@espalier/data'
import * as tf from '../engine/tf.js'
import type { Callback } from '../learner/callback.js'
import type { BatchState } from '../learner/events.js'
import { beta } from './beta.js'
import { checkOption } from './check-options.js'
import { type Mix, mixedRows, mixTargets, number } from './mixed-batch.js'

/**
 * Trains on sums of two items, λ of one and 1 − λ of the other with λ ~ Beta(α, α), and the same share of their
 * targets (Zhang et al. 2018, fastai's `MixUp`). Validation sees the items as they are.
 *
 * @example
 * await learn.fitOneCycle(10, 1e-3, { cbs: [mixUp(0.4)] })
 */
export function mixUp(alpha = 0.4): Callback {
  checkOption('mixUp', 'alpha', alpha, { above: 0 })
  return {
    name: 'mixUp',
    runValid: false,
    describeRun: () => ({ alpha }),
    beforeBatch(s) {
      const random = new Random(s.learn.run.seed, 'mixup', s.learn.run.step)
      const rows = s.x[0]?.shape[0] ?? 0
      const shares = Array.from({ length: rows }, () => beta(random, alpha))
      mixUpBatch(s, shares, random.permutation(rows))
    },
  }
}

/** Mixes each row i of a batch with row `perm[i]`; the larger share is its own. Returns what was done. */
export function mixUpBatch(s: BatchState, shares: readonly number[], perm: readonly number[]): Mix {
  const mix = {
    perm: tf.tensor1d([...perm], 'int32'),
    lam: tf.tensor1d(shares.map((l) => Math.max(l, 1 - l))),
  }
  s.x = s.x.map((x) => mixedRows(number('mixUp', x), mix))
  mixTargets('mixUp', s, mix)
  return mix
}
