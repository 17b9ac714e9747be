import * as tf from '../engine/tf.js'
import { type ConvTranspose2dOptions, convTranspose2d } from '../kernels/conv-transpose2d.js'
import { type Pair, pair } from '../kernels/conv2d.js'
import { type ConvInit, describeConv } from './conv2d.js'
import { torchDefault, uniform } from './init.js'
import { type Axes, Module, param } from './module.js'

/** Geometry, bias (default true) and first values of a transposed convolution. */
export interface ConvTranspose2dModuleOptions extends ConvTranspose2dOptions {
  readonly bias?: boolean
  /** How the filters begin; default torch's, uniform ±1/√fanIn. */
  readonly init?: ConvInit
}

/** Transposed 2-d convolution ("stride ½"): `[b, h, w, nIn]` → `[b, h', w', nOut]`. */
export class ConvTranspose2d extends Module<[tf.Tensor4D], tf.Tensor4D> {
  /** `[kh, kw, nOut / groups, nIn]`. */
  readonly weight: tf.Variable<tf.Rank.R4>
  readonly bias: tf.Variable<tf.Rank.R1> | undefined

  constructor(
    readonly nIn: number,
    readonly nOut: number,
    readonly kernelSize: Pair,
    readonly options: ConvTranspose2dModuleOptions = {},
  ) {
    super()
    const { groups = 1, bias = true, init } = options
    const [kh, kw] = pair(kernelSize)
    // torch counts the fan-in of a transposed weight over its outputs.
    const fan = (nOut / groups) * kh * kw
    const shape = [kh, kw, nOut / groups, nIn]
    this.weight = param(init?.(shape) ?? torchDefault<tf.Rank.R4>(shape, fan))
    this.bias = bias ? param(uniform<tf.Rank.R1>([nOut], 1 / Math.sqrt(fan))) : undefined
  }

  forward(x: tf.Tensor4D): tf.Tensor4D {
    const y = convTranspose2d(x, this.weight, this.options)
    return this.bias ? tf.add(y, this.bias) : y
  }

  override torchAxes(field: string): Axes | undefined {
    return field === 'weight' ? [3, 2, 0, 1] : undefined
  }

  override describe(): string {
    return describeConv(this)
  }
}
