import * as tf from '../engine/tf.js'
import type { Pair } from '../kernels/conv2d.js'
import { type AnyConvOptions, biasOf, type ConvForm, convForm, filtersOf } from './conv-form.js'
import { describeConv } from './conv2d.js'
import { normal } from './init.js'
import { type Axes, buffer, Module, param } from './module.js'

/** A convolution whose filters are a length times a direction each (Salimans & Kingma 2016). */
export class WeightNormConv2d extends Module<[tf.Tensor4D], tf.Tensor4D> {
  readonly bias: tf.Variable<tf.Rank.R1> | undefined
  /** The lengths, `[1, 1, 1, nOut]`; of a transposed convolution those of the inputs, `[1, 1, 1, nIn]`. */
  readonly weightG: tf.Variable<tf.Rank.R4>
  /** The directions, not normalized, `[kh, kw, nIn, nOut]`. */
  readonly weightV: tf.Variable<tf.Rank.R4>
  readonly #form: ConvForm

  constructor(
    readonly nIn: number,
    readonly nOut: number,
    readonly kernelSize: Pair,
    readonly options: AnyConvOptions = {},
  ) {
    super()
    this.#form = convForm(nIn, nOut, kernelSize, options)
    this.bias = biasOf(nOut, this.#form, options)
    this.weightV = param(filtersOf<tf.Rank.R4>(this.#form, options))
    this.weightG = param(tf.tidy(() => lengths(this.weightV)))
  }

  override get kind(): string {
    return this.#form.kind
  }

  forward(x: tf.Tensor4D): tf.Tensor4D {
    const filters = tf.mul(this.weightV, tf.div(this.weightG, lengths(this.weightV)))
    const y = this.#form.apply(x, filters) as tf.Tensor4D
    return this.bias ? tf.add(y, this.bias) : y
  }

  override torchAxes(field: string): Axes | undefined {
    return field === 'bias' ? undefined : this.#form.axes
  }

  override describe(): string {
    return describeConv(this, this.options.ndim)
  }
}

/** The length of each filter: over all axes but the last, which are kept. */
function lengths(v: tf.Tensor4D): tf.Tensor4D {
  const axes = Array.from({ length: v.rank - 1 }, (_, i) => i)
  return tf.sqrt(tf.sum<tf.Tensor4D>(tf.square(v), axes, true))
}

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
  readonly #form: ConvForm

  constructor(
    readonly nIn: number,
    readonly nOut: number,
    readonly kernelSize: Pair,
    readonly options: AnyConvOptions = {},
  ) {
    super()
    this.#form = convForm(nIn, nOut, kernelSize, options)
    this.bias = biasOf(nOut, this.#form, options)
    this.weightOrig = param(filtersOf<tf.Rank.R4>(this.#form, options))
    const height = this.weightOrig.shape[this.#form.rows[0]!]!
    this.weightU = buffer(unit(normal<tf.Rank.R1>([height], 1)))
    this.weightV = buffer(unit(normal<tf.Rank.R1>([this.weightOrig.size / height], 1)))
  }

  override get kind(): string {
    return this.#form.kind
  }

  forward(x: tf.Tensor4D): tf.Tensor4D {
    // One row per output, as torch flattens it.
    const turned = tf.transpose(this.weightOrig, [...this.#form.rows])
    const rows = tf.reshape<tf.Rank.R2>(turned, [turned.shape[0]!, -1])
    if (this.training) {
      this.weightV.assign(tf.tidy(() => unit(tf.dot(this.weightU, rows) as tf.Tensor1D)))
      this.weightU.assign(tf.tidy(() => unit(tf.dot(rows, this.weightV) as tf.Tensor1D)))
    }
    const sigma = tf.sum(tf.mul(tf.clone(this.weightU), tf.dot(rows, tf.clone(this.weightV))))
    const y = this.#form.apply(x, tf.div(this.weightOrig, sigma)) as tf.Tensor4D
    return this.bias ? tf.add(y, this.bias) : y
  }

  override torchAxes(field: string): Axes | undefined {
    return field === 'weightOrig' ? this.#form.axes : undefined
  }

  override describe(): string {
    return describeConv(this, this.options.ndim)
  }
}

function unit(v: tf.Tensor1D): tf.Tensor1D {
  const result = tf.tidy(() => tf.div<tf.Tensor1D>(v, tf.maximum(tf.norm(v), 1e-12)))
  v.dispose()
  return result
}
