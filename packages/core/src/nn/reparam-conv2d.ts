import { EspalierError } from '@espalier/data'
import * as tf from '../engine/tf.js'
import { conv2d, type Pair, pair } from '../kernels/conv2d.js'
import { type Conv2dModuleOptions, describeConv } from './conv2d.js'
import { fanIn, normal, torchDefault, uniform } from './init.js'
import { type Axes, buffer, Module, param } from './module.js'

const torchOrder: Axes = [3, 2, 0, 1]

/** A convolution whose filters are a length times a direction each (Salimans & Kingma 2016). */
export class WeightNormConv2d extends Module<[tf.Tensor4D], tf.Tensor4D> {
  readonly bias: tf.Variable<tf.Rank.R1> | undefined
  /** The lengths, `[1, 1, 1, nOut]`. */
  readonly weightG: tf.Variable<tf.Rank.R4>
  /** The directions, not normalized, `[kh, kw, nIn, nOut]`. */
  readonly weightV: tf.Variable<tf.Rank.R4>

  constructor(
    readonly nIn: number,
    readonly nOut: number,
    readonly kernelSize: Pair,
    readonly options: Conv2dModuleOptions = {},
  ) {
    super()
    const shape = [...pair(kernelSize), nIn / (options.groups ?? 1), nOut]
    this.bias =
      options.bias === false ? undefined : param(uniform<tf.Rank.R1>([nOut], 1 / Math.sqrt(fanIn(shape))))
    this.weightV = param((options.init ?? torchDefault)(shape))
    this.weightG = param(tf.tidy(() => lengths(this.weightV)))
  }

  override get kind(): string {
    return 'Conv2d'
  }

  forward(x: tf.Tensor4D): tf.Tensor4D {
    const weight = tf.mul<tf.Tensor4D>(this.weightV, tf.div(this.weightG, lengths(this.weightV)))
    const y = conv2d(x, weight, this.options)
    return this.bias ? tf.add(y, this.bias) : y
  }

  override torchAxes(field: string): Axes | undefined {
    return field === 'bias' ? undefined : torchOrder
  }

  override describe(): string {
    return describeConv(this)
  }
}

const lengths = (v: tf.Tensor4D): tf.Tensor4D => tf.sqrt(tf.sum<tf.Tensor4D>(tf.square(v), [0, 1, 2], true))

/**
 * A convolution divided by its largest singular value (Miyato et al. 2018), which one step of power iteration per
 * training batch keeps track of.
 */
export class SpectralNormConv2d extends Module<[tf.Tensor4D], tf.Tensor4D> {
  readonly bias: tf.Variable<tf.Rank.R1> | undefined
  /** `[kh, kw, nIn, nOut]`. */
  readonly weightOrig: tf.Variable<tf.Rank.R4>
  /** Left singular vector, `[nOut]`. */
  readonly weightU: tf.Variable<tf.Rank.R1>
  /** Right singular vector over (nIn, kh, kw), torch's order. */
  readonly weightV: tf.Variable<tf.Rank.R1>

  constructor(
    readonly nIn: number,
    readonly nOut: number,
    readonly kernelSize: Pair,
    readonly options: Conv2dModuleOptions = {},
  ) {
    super()
    if ((options.groups ?? 1) !== 1)
      throw new EspalierError('conv/groups', 'SpectralNormConv2d has no groups')
    const shape = [...pair(kernelSize), nIn, nOut]
    this.bias =
      options.bias === false ? undefined : param(uniform<tf.Rank.R1>([nOut], 1 / Math.sqrt(fanIn(shape))))
    this.weightOrig = param((options.init ?? torchDefault)(shape))
    this.weightU = buffer(unit(normal<tf.Rank.R1>([nOut], 1)))
    this.weightV = buffer(unit(normal<tf.Rank.R1>([fanIn(shape)], 1)))
  }

  override get kind(): string {
    return 'Conv2d'
  }

  forward(x: tf.Tensor4D): tf.Tensor4D {
    // [nOut, nIn·kh·kw]: one row per filter, as torch flattens it.
    const rows = tf.reshape<tf.Rank.R2>(tf.transpose(this.weightOrig, [...torchOrder]), [this.nOut, -1])
    if (this.training) {
      this.weightV.assign(tf.tidy(() => unit(tf.dot(this.weightU, rows) as tf.Tensor1D)))
      this.weightU.assign(tf.tidy(() => unit(tf.dot(rows, this.weightV) as tf.Tensor1D)))
    }
    const sigma = tf.sum(tf.mul(tf.clone(this.weightU), tf.dot(rows, tf.clone(this.weightV))))
    const y = conv2d(x, tf.div<tf.Tensor4D>(this.weightOrig, sigma), this.options)
    return this.bias ? tf.add(y, this.bias) : y
  }

  override torchAxes(field: string): Axes | undefined {
    return field === 'weightOrig' ? torchOrder : undefined
  }

  override describe(): string {
    return describeConv(this)
  }
}

function unit(v: tf.Tensor1D): tf.Tensor1D {
  const result = tf.tidy(() => tf.div<tf.Tensor1D>(v, tf.maximum(tf.norm(v), 1e-12)))
  v.dispose()
  return result
}
