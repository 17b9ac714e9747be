import type { AnyModule, Learner } from '@espalier/core'
import { EspalierError, ndArray } from '@espalier/data'

/**
 * The mean of what several learners predict for the same items, such as a model that reads forwards and one that reads
 * backwards: probabilities and targets in the order of the items, which all must hold alike.
 *
 * @example
 * const { preds, targets } = await averagePreds([forward, backward])
 */
export async function averagePreds<P>(learners: readonly Learner<AnyModule, P>[]) {
  const [first, ...others] = learners
  if (!first) {
    throw new EspalierError('preds/average', 'averagePreds needs at least one learner', {
      fix: 'say averagePreds([forward, backward])',
    })
  }
  const { preds, targets } = await first.getPreds()
  const sum = Float64Array.from(preds.data)
  for (const learn of others) {
    const next = await learn.getPreds()
    const same = (a: unknown, b: unknown) => String(a) === String(b)
    if (
      !same(next.preds.shape, preds.shape) ||
      targets?.some((t, i) => !same(t.data, next.targets?.[i]?.data))
    ) {
      throw new EspalierError('preds/average', 'these learners do not predict for the same items', {
        fix: 'make their loaders of the same items with the same split: the same seed',
      })
    }
    for (const [i, v] of next.preds.data.entries()) sum[i]! += v
  }
  const mean = Float32Array.from(sum, (v) => v / learners.length)
  return { preds: ndArray('float32', preds.shape, mean), targets }
}
