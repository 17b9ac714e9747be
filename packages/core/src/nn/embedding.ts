import type * as tf from '../engine/tf.js'
import { embed } from '../kernels/embedding.js'
import { normal } from './init.js'
import { Module, param } from './module.js'

/** A row of weights per index: int32 `[…]` → `[…, nDim]`. */
export class Embedding extends Module<[tf.Tensor], tf.Tensor> {
  static readonly steady = true
  readonly weight: tf.Variable<tf.Rank.R2>

  constructor(
    readonly nEmbeddings: number,
    readonly nDim: number,
  ) {
    super()
    this.weight = param(normal<tf.Rank.R2>([nEmbeddings, nDim], 1))
  }

  forward(indices: tf.Tensor): tf.Tensor {
    return embed(this.weight, indices)
  }

  override describe(): string {
    return `${this.nEmbeddings}, ${this.nDim}`
  }
}
