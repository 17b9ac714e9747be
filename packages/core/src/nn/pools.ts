import * as tf from '../engine/tf.js'
import { type Pair, pair } from '../kernels/conv2d.js'
import {
  adaptiveAvgPool2d,
  adaptiveMaxPool2d,
  avgPool2d,
  maxPool2d,
  type Pool2dOptions,
} from '../kernels/pool2d.js'
import { Module } from './module.js'

const show = (p: Pair) => (typeof p === 'number' ? String(p) : `(${pair(p).join(', ')})`)

/** The largest value of each window: `[b, h, w, c]` → `[b, h', w', c]`. */
export class MaxPool2d extends Module<[tf.Tensor4D], tf.Tensor4D> {
  constructor(
    readonly kernelSize: Pair,
    readonly options: Pool2dOptions = {},
  ) {
    super()
  }

  forward(x: tf.Tensor4D): tf.Tensor4D {
    return maxPool2d(x, this.kernelSize, this.options)
  }

  override describe(): string {
    const { stride = this.kernelSize, padding = 0, ceilMode = false } = this.options
    const ceil = ceilMode ? 'True' : 'False'
    return `kernel_size=${show(this.kernelSize)}, stride=${show(stride)}, padding=${show(padding)}, dilation=1, ceil_mode=${ceil}`
  }
}

/** The mean of each window: `[b, h, w, c]` → `[b, h', w', c]`. */
export class AvgPool2d extends Module<[tf.Tensor4D], tf.Tensor4D> {
  constructor(
    readonly kernelSize: Pair,
    readonly options: Pool2dOptions = {},
  ) {
    super()
  }

  forward(x: tf.Tensor4D): tf.Tensor4D {
    return avgPool2d(x, this.kernelSize, this.options)
  }

  override describe(): string {
    const { stride = this.kernelSize, padding = 0 } = this.options
    return `kernel_size=${show(this.kernelSize)}, stride=${show(stride)}, padding=${show(padding)}`
  }
}

/** The mean of each of `outputSize` windows: `[b, h, w, c]` → `[b, ...outputSize, c]`. */
export class AdaptiveAvgPool2d extends Module<[tf.Tensor4D], tf.Tensor4D> {
  constructor(readonly outputSize: Pair = 1) {
    super()
  }

  forward(x: tf.Tensor4D): tf.Tensor4D {
    return adaptiveAvgPool2d(x, this.outputSize)
  }

  override describe(): string {
    return `output_size=${show(this.outputSize)}`
  }
}

/** The largest value of each of `outputSize` windows: `[b, h, w, c]` → `[b, ...outputSize, c]`. */
export class AdaptiveMaxPool2d extends Module<[tf.Tensor4D], tf.Tensor4D> {
  constructor(readonly outputSize: Pair = 1) {
    super()
  }

  forward(x: tf.Tensor4D): tf.Tensor4D {
    return adaptiveMaxPool2d(x, this.outputSize)
  }

  override describe(): string {
    return `output_size=${show(this.outputSize)}`
  }
}

/** Maximum and mean side by side, in this order (fastai): `[b, h, w, c]` → `[b, ...size, 2c]`. */
export class AdaptiveConcatPool2d extends Module<[tf.Tensor4D], tf.Tensor4D> {
  readonly ap: AdaptiveAvgPool2d
  readonly mp: AdaptiveMaxPool2d

  constructor(readonly outputSize: Pair = 1) {
    super()
    this.ap = new AdaptiveAvgPool2d(outputSize)
    this.mp = new AdaptiveMaxPool2d(outputSize)
  }

  forward(x: tf.Tensor4D): tf.Tensor4D {
    return tf.concat([this.mp.forward(x), this.ap.forward(x)], 3)
  }
}
