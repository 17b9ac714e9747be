import * as tf from '../engine/tf.js'
import { convTranspose2d } from '../kernels/conv-transpose2d.js'
import { conv2d, type Pair, pair } from '../kernels/conv2d.js'
import type { ConvTranspose2dModuleOptions } from './conv-transpose2d.js'
import { torchDefault, uniform } from './init.js'
import { type Axes, param } from './module.js'

/** A convolution of any kind: over images or sequences, forwards or transposed. */
export interface AnyConvOptions extends ConvTranspose2dModuleOptions {
  /** 2 for images (default), 1 for sequences: every pair is then a number. */
  readonly ndim?: 1 | 2
  readonly transpose?: boolean
}

/** How the filters of a convolution lie in memory and in torch, and what is done with them. */
export interface ConvForm {
  /** The class as torch prints it. */
  readonly kind: string
  /** `[…kernel, in, out]`, transposed `[…kernel, out, in]`; one of the channels is that of a group. */
  readonly shape: readonly number[]
  /** What torch counts as fan-in. */
  readonly fan: number
  /** Torch's order of the axes. */
  readonly axes: Axes
  /** The order of the axes that makes one row per output of a group, as torch flattens it. */
  readonly rows: Axes
  apply(x: tf.Tensor, filters: tf.Tensor): tf.Tensor
}

/** The form of a convolution from `nIn` to `nOut` channels. */
export function convForm(nIn: number, nOut: number, kernelSize: Pair, options: AnyConvOptions): ConvForm {
  const { ndim = 2, transpose = false, groups = 1 } = options
  const kernel = pair(kernelSize).slice(0, ndim)
  const channels = transpose ? [nOut / groups, nIn] : [nIn / groups, nOut]
  const places = kernel.map((_, i) => i)
  const run = transpose ? convTranspose2d : conv2d
  const along = alongRows(options)
  return {
    kind: `Conv${transpose ? 'Transpose' : ''}${ndim}d`,
    shape: [...kernel, ...channels],
    fan: kernel.reduce((n, k) => n * k, channels[0]!),
    axes: [ndim + 1, ndim, ...places],
    rows: transpose ? [ndim, ndim + 1, ...places] : [ndim + 1, ndim, ...places],
    apply: (x, filters) =>
      ndim === 2
        ? run(x as tf.Tensor4D, filters as tf.Tensor4D, options)
        : tf.squeeze(run(tf.expandDims(x, 1), tf.expandDims(filters, 0), along), [1]),
  }
}

/** The filters that a convolution of this form begins with. */
export function filtersOf<R extends tf.Rank>(
  { shape, fan }: ConvForm,
  { init }: AnyConvOptions,
): tf.Tensor<R> {
  const filters: tf.Tensor = init ? init(shape) : torchDefault(shape, fan)
  return filters as tf.Tensor<R>
}

/** Its bias, where it has one. */
export function biasOf(
  nOut: number,
  { fan }: ConvForm,
  { bias = true }: AnyConvOptions,
): tf.Variable<tf.Rank.R1> | undefined {
  return bias ? param(uniform<tf.Rank.R1>([nOut], 1 / Math.sqrt(fan))) : undefined
}

/** The same geometry for a sequence that is an image of one row. */
function alongRows(options: AnyConvOptions): AnyConvOptions {
  const { stride = 1, padding = 0, dilation = 1, outputPadding = 0, groups = 1 } = options
  const row = (across: number, p: Pair): Pair => [across, pair(p)[0]]
  return {
    stride: row(1, stride),
    padding: row(0, padding),
    dilation: row(1, dilation),
    outputPadding: row(0, outputPadding),
    groups,
  }
}
