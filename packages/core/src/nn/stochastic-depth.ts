import { EspalierError } from '@espalier/data'
import * as tf from '../engine/tf.js'
import { pythonFloat } from './batch-norm.js'
import { keptScale } from './drop-mask.js'
import { Module } from './module.js'
import { nextDrops } from './next-drops.js'

/**
 * In training, leaves out what it gets with probability `p` and scales what stays by 1 / (1 − p), picture by picture:
 * before an addition, that skips the block (Huang et al. 2016).
 */
export class StochasticDepth extends Module<[tf.Tensor], tf.Tensor> {
  constructor(readonly p: number) {
    super()
    if (!(p >= 0 && p <= 1))
      throw new EspalierError('dropout/p', `StochasticDepth: p must be in [0, 1], got ${p}`)
  }

  forward<T extends tf.Tensor>(x: T): T {
    if (!this.training || this.p === 0) return x
    const random = nextDrops()
    const scale = keptScale(this.p)
    const kept = Float32Array.from({ length: x.shape[0]! }, () => (random.uniform() < this.p ? 0 : scale))
    return tf.mul(x, tf.tensor(kept, [x.shape[0]!, ...x.shape.slice(1).map(() => 1)]))
  }

  override describe(): string {
    return `p=${pythonFloat(this.p)}, mode=row`
  }
}
