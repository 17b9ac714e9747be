import * as tf from '../engine/tf.js'
import { layerNorm } from '../kernels/layer-norm.js'
import { pythonFloat } from './batch-norm.js'
import { Module, param } from './module.js'

/** torch's options of a layer norm. */
export interface LayerNormOptions {
  readonly eps?: number
  /** 2 for images: only the printed name depends on it. */
  readonly ndim?: 1 | 2
}

/** Normalizes the channels of each place by themselves: `[…, n]` → `[…, n]`. */
export class LayerNorm extends Module<[tf.Tensor], tf.Tensor> {
  readonly weight: tf.Variable<tf.Rank.R1>
  readonly bias: tf.Variable<tf.Rank.R1>
  readonly eps: number
  readonly ndim: 1 | 2

  constructor(
    readonly nFeatures: number,
    { eps = 1e-5, ndim = 1 }: LayerNormOptions = {},
  ) {
    super()
    this.eps = eps
    this.ndim = ndim
    this.weight = param(tf.ones<tf.Rank.R1>([nFeatures]))
    this.bias = param(tf.zeros<tf.Rank.R1>([nFeatures]))
  }

  override get kind(): string {
    return this.ndim === 2 ? 'LayerNorm2d' : 'LayerNorm'
  }

  forward<T extends tf.Tensor>(x: T): T {
    return layerNorm(x, this.weight, this.bias, this.eps)
  }

  override describe(): string {
    return `(${this.nFeatures},), eps=${pythonFloat(this.eps)}, elementwise_affine=True, bias=True`
  }
}
