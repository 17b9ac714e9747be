import { EspalierError, Random } from '@espalier/data'
import * as tf from '../engine/tf.js'
import { pythonFloat } from './batch-norm.js'
import { Module } from './module.js'

/** Where the draws of this step come from: set by whoever runs the model. */
let place: { readonly seed: number; readonly step: number } = { seed: 42, step: 0 }
let drawn = 0

/**
 * Says which step of which run the following forward pass belongs to. The n-th dropout layer that runs in it draws
 * from a stream of its own, so that a resumed run drops what the uninterrupted one would have.
 */
export function setDropoutPlace(seed: number, step: number): void {
  place = { seed, step }
  drawn = 0
}

/** The draws of the next layer that drops something in this step: which place it has is all that they depend on. */
export function nextDrops(): Random {
  return new Random(place.seed, 'dropout', place.step, drawn++)
}

/** Zeroes each element with probability `p` in training and scales the others by 1 / (1 − p) (Srivastava 2014). */
export class Dropout extends Module<[tf.Tensor], tf.Tensor> {
  constructor(readonly p = 0.5) {
    super()
    if (!(p >= 0 && p <= 1)) throw new EspalierError('dropout/p', `Dropout: p must be in [0, 1], got ${p}`)
  }

  forward<T extends tf.Tensor>(x: T): T {
    if (!this.training || this.p === 0) return x
    const random = nextDrops()
    const scale = this.p === 1 ? 0 : 1 / (1 - this.p)
    const mask = Float32Array.from({ length: x.size }, () => (random.uniform() < this.p ? 0 : scale))
    return tf.mul(x, tf.tensor(mask, x.shape))
  }

  override describe(): string {
    return `p=${pythonFloat(this.p)}, inplace=False`
  }
}
