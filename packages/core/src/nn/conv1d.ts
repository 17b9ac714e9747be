import * as tf from '../engine/tf.js'
import type { Pair } from '../kernels/conv2d.js'
import { type AnyConvOptions, biasOf, type ConvForm, convForm, filtersOf } from './conv-form.js'
import { describeConv } from './conv2d.js'
import { type Axes, Module, param } from './module.js'

/** Convolution over sequences, transposed where asked: `[b, l, nIn]` → `[b, l', nOut]`. */
export class Conv1d extends Module<[tf.Tensor3D], tf.Tensor3D> {
  /** `[k, nIn / groups, nOut]`, transposed `[k, nOut / groups, nIn]`. */
  readonly weight: tf.Variable<tf.Rank.R3>
  readonly bias: tf.Variable<tf.Rank.R1> | undefined
  readonly #form: ConvForm

  constructor(
    readonly nIn: number,
    readonly nOut: number,
    readonly kernelSize: Pair,
    readonly options: AnyConvOptions = {},
  ) {
    super()
    this.#form = convForm(nIn, nOut, kernelSize, { ...options, ndim: 1 })
    this.weight = param(filtersOf<tf.Rank.R3>(this.#form, options))
    this.bias = biasOf(nOut, this.#form, options)
  }

  override get kind(): string {
    return this.#form.kind
  }

  forward(x: tf.Tensor3D): tf.Tensor3D {
    const y = this.#form.apply(x, this.weight) as tf.Tensor3D
    return this.bias ? tf.add(y, this.bias) : y
  }

  override torchAxes(field: string): Axes | undefined {
    return field === 'weight' ? this.#form.axes : undefined
  }

  override describe(): string {
    return describeConv(this, 1)
  }
}
