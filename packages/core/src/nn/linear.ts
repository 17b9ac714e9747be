import { EspalierError } from '@espalier/data'
import * as tf from '../engine/tf.js'
import { linear } from '../kernels/linear.js'
import { torchDefault, uniform } from './init.js'
import { type Axes, Module, param } from './module.js'

/** x·W + b: `[b, nIn]` → `[b, nOut]`. */
export class Linear extends Module<[tf.Tensor2D], tf.Tensor2D> {
  static readonly steady = true
  readonly weight: tf.Variable<tf.Rank.R2>
  readonly bias: tf.Variable<tf.Rank.R1> | undefined

  constructor(
    readonly nIn: number,
    readonly nOut: number,
    { bias = true } = {},
  ) {
    super()
    this.weight = param(torchDefault<tf.Rank.R2>([nIn, nOut]))
    this.bias = bias ? param(uniform<tf.Rank.R1>([nOut], 1 / Math.sqrt(nIn))) : undefined
  }

  forward(x: tf.Tensor2D): tf.Tensor2D {
    if (x.shape[1] !== this.nIn)
      throw new EspalierError('shape', `Linear: expected ${this.nIn} features, got [${x.shape}]`)
    return this.bias ? linear(x, this.weight, this.bias) : tf.matMul(x, this.weight)
  }

  override torchAxes(field: string): Axes | undefined {
    return field === 'weight' ? [1, 0] : undefined
  }

  override describe(): string {
    return `in_features=${this.nIn}, out_features=${this.nOut}, bias=${this.bias ? 'True' : 'False'}`
  }
}
