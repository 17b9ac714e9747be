import type * as tf from '../engine/tf.js'
import { checkInts, checkRank, shapeError } from './check.js'
import {
  type Conv2dOptions,
  convAttrs,
  convInputGradKernel,
  convOutputSize,
  type Pair,
  pair,
} from './conv2d.js'

/** Geometry of a transposed convolution; the padding is cut off the result (torch). */
export interface ConvTranspose2dOptions extends Conv2dOptions {
  /** Rows and columns added at the bottom and right of the result. */
  readonly outputPadding?: Pair
}

/**
 * Transposed 2-d convolution, the gradient of {@link conv2d} with respect to its input, with torch's sizes:
 * h' = (h − 1)·stride − 2·padding + dilation·(kh − 1) + outputPadding + 1. `x` is `[b, h, w, cIn]`, `filter`
 * `[kh, kw, cOut / groups, cIn]`.
 */
export function convTranspose2d(
  x: tf.Tensor4D,
  filter: tf.Tensor4D,
  options: ConvTranspose2dOptions = {},
): tf.Tensor4D {
  const op = 'convTranspose2d'
  const attrs = convAttrs(options)
  const extra = pair(options.outputPadding ?? 0)
  checkRank(op, 'the input', x, 4)
  checkRank(op, 'the filter', filter, 4)
  checkInts(op, 'stride and dilation', [...attrs.stride, ...attrs.dilation], 1)
  checkInts(op, 'padding', [...attrs.padding, ...extra], 0)
  const [kh, kw, cOutGroup, cIn] = filter.shape
  if (x.shape[3] !== cIn) throw shapeError(op, `expected ${cIn} input channels, got ${x.shape[3]}`)
  const size = ([0, 1] as const).map(
    (i) =>
      (x.shape[i + 1]! - 1) * attrs.stride[i] -
      2 * attrs.padding[i] +
      attrs.dilation[i] * ([kh, kw][i]! - 1) +
      extra[i] +
      1,
  )
  if (String(convOutputSize(size, [kh, kw], attrs)) !== String(x.shape.slice(1, 3))) {
    throw shapeError(op, `outputPadding [${extra}] must be smaller than stride [${attrs.stride}] or dilation`)
  }
  const inputShape = [x.shape[0], size[0]!, size[1]!, cOutGroup * attrs.groups] as const
  return convInputGradKernel({ dy: x, filter }, { ...attrs, inputShape })[0] as tf.Tensor4D
}
