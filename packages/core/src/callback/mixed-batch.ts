import { EspalierError } from '@espalier/data'
import * as tf from '../engine/tf.js'
import type { BatchState } from '../learner/events.js'
import type { Loss } from '../losses/loss.js'

/** How a batch is mixed with itself. */
export interface Mix {
  /** The row that each row is mixed with. */
  readonly perm: tf.Tensor1D
  /** How much each row keeps of itself: `[b]`, or a scalar for all. */
  readonly lam: tf.Tensor
}

const mixedLosses = new WeakSet<Loss>()

/**
 * Mixes the targets of a batch as its inputs were mixed: class numbers by mixing the losses of both (where the loss
 * says `yInt`), any other target itself. The loss is put in place for this batch alone.
 */
export function mixTargets(callback: string, s: BatchState, { perm, lam }: Mix): void {
  const loss = s.lossFunc
  if (mixedLosses.has(loss)) {
    throw new EspalierError('mix/twice', `${callback}: this batch was mixed already`, {
      fix: 'use one of mixUp and cutMix in a fit',
    })
  }
  if (!loss.yInt) {
    s.y = s.y.map((y) => mixedRows(number(callback, y), { perm, lam }))
    return
  }
  const { perItem, reduction = 'mean' } = loss
  if (!perItem) {
    throw new EspalierError('mix/per-item', `${callback}: this loss cannot be taken item by item`, {
      fix: 'use a loss with perItem, such as crossEntropyLossFlat(), or add one: Object.assign(loss, { perItem })',
    })
  }
  const others = s.y.map((y) => tf.gather(y, perm))
  const mixed: Loss = (pred, ...targets) => {
    const [other, own] = [perItem(pred, ...others), perItem(pred, ...targets)]
    const each = tf.add(other, tf.mul(lam, tf.sub(own, other)))
    return reduction === 'sum' ? tf.sum(each) : tf.mean(each)
  }
  s.lossFunc = Object.assign(mixed, loss)
  mixedLosses.add(s.lossFunc)
}

/** x[perm] + λ·(x − x[perm]), row by row. */
export function mixedRows(x: tf.Tensor, { perm, lam }: Mix): tf.Tensor {
  const other = tf.gather(x, perm)
  const weight = lam.rank === 0 ? lam : tf.reshape(lam, [-1, ...x.shape.slice(1).map(() => 1)])
  return tf.add(other, tf.mul(weight, tf.sub(x, other)))
}

/** Throws where there is nothing between two values. */
export function number(callback: string, x: tf.Tensor): tf.Tensor {
  if (x.dtype === 'float32') return x
  throw new EspalierError('mix/integers', `${callback} cannot mix ${x.dtype} [${x.shape}]`, {
    fix: 'where these are classes, the loss must say so: Object.assign(loss, { yInt: true, perItem })',
  })
}
