import { EspalierError, listed, row } from '@espalier/data'
import { isFiniteAll } from '../engine/finite.js'
import type { Callback } from './callback.js'
import type { LossState } from './events.js'

const ends = ({ name, run }: Callback) => name === 'terminateOnNaN' && run !== false

/**
 * Stops a fit at the first loss that is not a number, before its gradients can touch a weight, and names the step,
 * the items of the batch and the first numbers that were not finite. Where `terminateOnNaN` is, that has its way.
 */
export const nanGuard: Callback = {
  name: 'nanGuard',
  order: -9,
  runValid: false,
  readsOnly: true,
  afterLoss(s) {
    const { loss, epoch, iter, trainIter, batch, dl, learn } = s
    if (Number.isFinite(loss) || learn.orderedCbs('afterLoss').some(ends)) return
    const ids = batch.indices.map((i) => dl.dataset.id(i))
    throw new EspalierError(
      'train/nan',
      `the loss is ${loss} at step ${trainIter} (epoch ${epoch}, batch ${iter}); the batch holds ${listed(ids)}`,
      { fix: sourceOf(s, ids) },
    )
  },
}

/** Where the first numbers come from that are not finite, in the order they were made. */
function sourceOf({ batch, learn, x, pred }: LossState, ids: readonly string[]): string {
  for (const [i, array] of batch.arrays.entries()) {
    if (array.dtype !== 'float32' || isFiniteAll(array.data)) continue
    const bad = ids.filter((_, k) => !isFiniteAll(row(array, k).data))
    return `element ${i} of ${listed(bad, 3)} is not finite: look at ${bad.length > 1 ? 'these items' : 'this item'}`
  }
  const transformed = x.findIndex((t) => t.dtype === 'float32' && !isFiniteAll(t.dataSync<'float32'>()))
  if (transformed >= 0)
    return `a batch transform made element ${transformed} not finite: look at normalize and the like`
  for (const { path, variable } of learn.model.weights()) {
    const numbers = variable.dataSync<'float32'>()
    if (isFiniteAll(numbers) || (!variable.trainable && !numbers.some(Number.isNaN))) continue // A mask may be infinite.
    return `the weight ${path} is not finite: ${rate(learn)}, or gradients grew without bound (gradientClip)`
  }
  if (!isFiniteAll(pred.dataSync<'float32'>())) return `the predictions are not finite: ${rate(learn)}`
  return `the predictions are finite, the loss of them is not: ${rate(learn)}, or the loss is undefined for a target`
}

function rate({ opt }: LossState['learn']): string {
  const lr = Math.max(...opt.hypers.map((h) => h['lr'] ?? 0))
  return `a learning rate of ${lr.toPrecision(2)} may be too high (lrFind suggests one)`
}
