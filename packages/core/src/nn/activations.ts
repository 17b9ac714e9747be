import * as tf from '../engine/tf.js'
import { relu, relu6 } from '../kernels/relu.js'
import { sigmoidRange } from '../kernels/sigmoid-range.js'
import { Module } from './module.js'

/** What is remembered for the printed form of an activation. */
export interface ActivationOptions {
  /** torch's flag, for the printed form only: engines decide about memory themselves. */
  readonly inplace?: boolean
}

/** max(x, 0). */
export class ReLU extends Module<[tf.Tensor], tf.Tensor> {
  static readonly steady = true
  constructor(readonly options: ActivationOptions = {}) {
    super()
  }

  forward<T extends tf.Tensor>(x: T): T {
    return relu(x)
  }

  override describe(): string {
    return this.options.inplace ? 'inplace=True' : ''
  }
}

/** min(max(x, 0), 6). */
export class ReLU6 extends Module<[tf.Tensor], tf.Tensor> {
  constructor(readonly options: ActivationOptions = {}) {
    super()
  }

  forward<T extends tf.Tensor>(x: T): T {
    return relu6(x)
  }

  override describe(): string {
    return this.options.inplace ? 'inplace=True' : ''
  }
}

/** 1 / (1 + e^−x). */
export class Sigmoid extends Module<[tf.Tensor], tf.Tensor> {
  forward<T extends tf.Tensor>(x: T): T {
    return tf.sigmoid(x)
  }
}

/** The hyperbolic tangent. */
export class Tanh extends Module<[tf.Tensor], tf.Tensor> {
  forward<T extends tf.Tensor>(x: T): T {
    return tf.tanh(x)
  }
}

/** A sigmoid stretched to (low, high): regression that cannot leave its range (fastai's `SigmoidRange`). */
export class SigmoidRange extends Module<[tf.Tensor], tf.Tensor> {
  static readonly steady = true
  constructor(
    readonly low: number,
    readonly high: number,
  ) {
    super()
  }

  forward<T extends tf.Tensor>(x: T): T {
    return sigmoidRange(x, this.low, this.high)
  }

  override describe(): string {
    return `low=${this.low}, high=${this.high}`
  }
}

/** Hands on what it gets. */
export class Identity<X = tf.Tensor> extends Module<[X], X> {
  static readonly steady = true
  forward<T extends X>(x: T): T {
    return x
  }
}
