import { EspalierError, listed } from '@espalier/data'
import type { Callback } from './callback.js'

const ends = ({ name, run }: Callback) => name === 'terminateOnNaN' && run !== false

/**
 * Stops a fit at the first loss that is not a number, before its gradients can touch a weight, and names the step
 * and the items of the batch. Where `terminateOnNaN` is, that has its way.
 */
export const nanGuard: Callback = {
  name: 'nanGuard',
  order: -9,
  runValid: false,
  afterLoss({ loss, epoch, iter, trainIter, batch, dl, learn }) {
    if (Number.isFinite(loss) || learn.orderedCbs('afterLoss').some(ends)) return
    const ids = batch.indices.map((i) => dl.dataset.id(i))
    const bad = batch.arrays.findIndex(
      (a) => a.dtype === 'float32' && a.data.some((v) => !Number.isFinite(v)),
    )
    const rate = Math.max(...learn.opt.hypers.map((h) => h['lr'] ?? 0))
    throw new EspalierError(
      'train/nan',
      `the loss is ${loss} at step ${trainIter} (epoch ${epoch}, batch ${iter}); the batch holds ${listed(ids)}`,
      {
        fix:
          bad >= 0
            ? `element ${bad} of the batch is not finite: look at these items`
            : `a learning rate of ${rate.toPrecision(2)} may be too high (lrFind suggests one), or the loss is undefined for a target`,
      },
    )
  },
}
