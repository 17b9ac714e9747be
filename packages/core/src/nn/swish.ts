import type * as tf from '../engine/tf.js'
import { swish } from '../kernels/swish.js'
import { Module } from './module.js'

/** What is remembered for the printed form of a {@link Swish}. */
export interface SwishOptions {
  /** torch's flag, for the printed form only. */
  readonly inplace?: boolean
}

/** x · sigmoid(x); torch calls it SiLU. */
export class Swish extends Module<[tf.Tensor], tf.Tensor> {
  constructor(readonly options: SwishOptions = {}) {
    super()
  }

  override get kind(): string {
    return 'SiLU'
  }

  forward<T extends tf.Tensor>(x: T): T {
    return swish(x)
  }

  override describe(): string {
    return this.options.inplace ? 'inplace=True' : ''
  }
}
