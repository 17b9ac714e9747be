import { defineKernel, type Kernel } from '../engine/kernel.js'
import type * as tf from '../engine/tf.js'
import { checkInts, checkRank, shapeError } from './check.js'
import { composeConv, composeFilterGrad, composeInputGrad } from './conv-compose.js'

/** A number for both axes, or one per axis: `[height, width]`. */
export type Pair = number | readonly [number, number]

/** Geometry of a convolution, with torch's defaults: stride 1, padding 0, dilation 1, one group. */
export interface Conv2dOptions {
  readonly stride?: Pair
  /** Rows and columns of zeros on each side, the same on both ends as in torch. */
  readonly padding?: Pair
  readonly dilation?: Pair
  /** Splits the channels; as many groups as input channels is a depthwise convolution. */
  readonly groups?: number
}

/** Geometry of a convolution, resolved. */
export interface ConvAttrs {
  readonly stride: readonly [number, number]
  readonly padding: readonly [number, number]
  readonly dilation: readonly [number, number]
  readonly groups: number
}
/** The same, with the shape of what the gradient is taken with respect to. */
export interface ConvInputGradAttrs extends ConvAttrs {
  readonly inputShape: readonly [number, number, number, number]
}
/** For the gradient of a filter `[kh, kw, cIn / groups, cOut]`, whose size the output leaves open. */
export interface ConvFilterGradAttrs extends ConvAttrs {
  readonly filterShape: readonly [number, number, number, number]
}

/** One number for both directions, or `[rows, columns]`. */
export const pair = (p: Pair): readonly [number, number] => (typeof p === 'number' ? [p, p] : p)

/**
 * 2-d convolution with torch's explicit padding. `x` is `[b, h, w, cIn]`, `filter` `[kh, kw, cIn / groups, cOut]`;
 * the result `[b, h', w', cOut]` with h' = ⌊(h + 2·padding − dilation·(kh − 1) − 1) / stride⌋ + 1.
 */
export function conv2d(x: tf.Tensor4D, filter: tf.Tensor4D, options: Conv2dOptions = {}): tf.Tensor4D {
  const attrs = convAttrs(options)
  checkConv('conv2d', x, filter, attrs)
  return convKernel({ x, filter }, attrs)[0] as tf.Tensor4D
}

/** Options with every default filled in, as engines get them. */
export function convAttrs({ stride = 1, padding = 0, dilation = 1, groups = 1 }: Conv2dOptions): ConvAttrs {
  return { stride: pair(stride), padding: pair(padding), dilation: pair(dilation), groups }
}

/** Output height and width of a convolution over `[h, w]`. */
export function convOutputSize(
  size: readonly number[],
  kernel: readonly number[],
  attrs: ConvAttrs,
): [number, number] {
  const along = (i: 0 | 1) =>
    Math.floor(
      (size[i]! + 2 * attrs.padding[i] - attrs.dilation[i] * (kernel[i]! - 1) - 1) / attrs.stride[i],
    ) + 1
  return [along(0), along(1)]
}

/** Throws `kernel/…` where ranks, channels, groups or sizes do not fit: engines take them unchecked. */
function checkConv(op: string, x: tf.Tensor, filter: tf.Tensor, attrs: ConvAttrs): void {
  checkRank(op, 'the input', x, 4)
  checkRank(op, 'the filter', filter, 4)
  checkInts(op, 'stride and dilation', [...attrs.stride, ...attrs.dilation], 1)
  checkInts(op, 'padding', attrs.padding, 0)
  checkInts(op, 'groups', [attrs.groups], 1)
  const [kh, kw, cIn, cOut] = filter.shape as [number, number, number, number]
  if (x.shape[3] !== cIn * attrs.groups) {
    throw shapeError(
      op,
      `expected ${cIn * attrs.groups} input channels, got ${x.shape[3]} (input [${x.shape}], filter [${filter.shape}])`,
    )
  }
  if (cOut % attrs.groups !== 0)
    throw shapeError(op, `${cOut} output channels do not divide into ${attrs.groups} groups`)
  const [h, w] = convOutputSize(x.shape.slice(1, 3), [kh, kw], attrs)
  if (h < 1 || w < 1) throw shapeError(op, `an input of [${x.shape}] is smaller than the ${kh}×${kw} kernel`)
}

/** `x`, `filter` → y. */
export const convKernel: Kernel<{ x: tf.Tensor4D; filter: tf.Tensor4D }, ConvAttrs> = defineKernel({
  name: 'EspalierConv2d',
  compose: ({ x, filter }, attrs) => composeConv(x, filter, attrs),
  saves: { inputs: ['x', 'filter'] },
  gradient: ([dy], saved, attrs) => {
    const [x, filter] = saved as [tf.Tensor4D, tf.Tensor4D]
    return {
      x: () => convInputGradKernel({ dy: dy as tf.Tensor4D, filter }, { ...attrs, inputShape: x.shape })[0]!,
      filter: () =>
        convFilterGradKernel({ x, dy: dy as tf.Tensor4D }, { ...attrs, filterShape: filter.shape })[0]!,
    }
  },
})

/** `dy`, `filter` → dx. Also the forward pass of a transposed convolution. */
export const convInputGradKernel: Kernel<{ dy: tf.Tensor4D; filter: tf.Tensor4D }, ConvInputGradAttrs> =
  defineKernel({
    name: 'EspalierConv2dInputGrad',
    compose: ({ dy, filter }, attrs) => composeInputGrad(dy, filter, attrs),
    saves: { inputs: ['dy', 'filter'] },
    gradient: ([dx], saved, attrs) => {
      const [dy, filter] = saved as [tf.Tensor4D, tf.Tensor4D]
      return {
        dy: () => convKernel({ x: dx as tf.Tensor4D, filter }, attrs)[0]!,
        filter: () =>
          convFilterGradKernel({ x: dx as tf.Tensor4D, dy }, { ...attrs, filterShape: filter.shape })[0]!,
      }
    },
  })

/** `x`, `dy` → dFilter. */
export const convFilterGradKernel: Kernel<{ x: tf.Tensor4D; dy: tf.Tensor4D }, ConvFilterGradAttrs> =
  defineKernel({
    name: 'EspalierConv2dFilterGrad',
    compose: ({ x, dy }, attrs) => composeFilterGrad(x, dy, attrs),
  })
