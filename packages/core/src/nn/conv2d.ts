import { EspalierError } from '@espalier/data'
import * as tf from '../engine/tf.js'
import { type Conv2dOptions, conv2d, convAttrs, type Pair, pair } from '../kernels/conv2d.js'
import { fanIn, torchDefault, uniform } from './init.js'
import { type Axes, Module, param } from './module.js'

/** Geometry, bias (default true) and first values of a convolution. */
export interface Conv2dModuleOptions extends Conv2dOptions {
  readonly bias?: boolean
  /** How the filters begin; default torch's, uniform ±1/√fanIn. */
  readonly init?: ConvInit
}
/** Makes the filters `[kh, kw, in, out]` of a new convolution. */
export type ConvInit = (shape: readonly number[]) => tf.Tensor4D

/** 2-d convolution: `[b, h, w, nIn]` → `[b, h', w', nOut]`, padding explicit as in torch. */
export class Conv2d extends Module<[tf.Tensor4D], tf.Tensor4D> {
  /** `[kh, kw, nIn / groups, nOut]`. */
  readonly weight: tf.Variable<tf.Rank.R4>
  readonly bias: tf.Variable<tf.Rank.R1> | undefined

  constructor(
    readonly nIn: number,
    readonly nOut: number,
    readonly kernelSize: Pair,
    readonly options: Conv2dModuleOptions = {},
  ) {
    super()
    const { groups = 1, bias = true, init = torchDefault } = options
    checkGroups(nIn, nOut, groups)
    const shape = [...pair(kernelSize), nIn / groups, nOut]
    this.weight = param(init(shape))
    this.bias = bias ? param(uniform<tf.Rank.R1>([nOut], 1 / Math.sqrt(fanIn(shape)))) : undefined
  }

  forward(x: tf.Tensor4D): tf.Tensor4D {
    const y = conv2d(x, this.weight, this.options)
    return this.bias ? tf.add(y, this.bias) : y
  }

  override torchAxes(field: string): Axes | undefined {
    return field === 'weight' ? [3, 2, 0, 1] : undefined
  }

  override describe(): string {
    return describeConv(this)
  }
}

/** Throws unless the channels divide into the groups. */
function checkGroups(nIn: number, nOut: number, groups: number): void {
  if (nIn % groups === 0 && nOut % groups === 0) return
  throw new EspalierError('shape', `Conv2d: ${nIn} → ${nOut} channels do not divide into ${groups} groups`, {
    fix: 'use fewer groups, or channels that are multiples of them',
  })
}

/** The options of a convolution over `ndim` axes as torch prints them: those that are not the default. */
export function describeConv(
  conv: {
    readonly nIn: number
    readonly nOut: number
    readonly kernelSize: Pair
    readonly options: Conv2dModuleOptions & { readonly outputPadding?: Pair }
  },
  ndim = 2,
): string {
  const { stride, padding, dilation, groups } = convAttrs(conv.options)
  const outputPadding = pair(conv.options.outputPadding ?? 0)
  const tuple = (p: readonly number[]) => (ndim === 1 ? `(${p[0]},)` : `(${p.join(', ')})`)
  const unless = (p: readonly number[], usual: number, text: string) =>
    p.every((v) => v === usual) ? [] : [text]
  return [
    `${conv.nIn}, ${conv.nOut}, kernel_size=${tuple(pair(conv.kernelSize))}, stride=${tuple(stride)}`,
    ...unless(padding, 0, `padding=${tuple(padding)}`),
    ...unless(dilation, 1, `dilation=${tuple(dilation)}`),
    ...unless(outputPadding, 0, `output_padding=${tuple(outputPadding)}`),
    ...unless([groups], 1, `groups=${groups}`),
    ...(conv.options.bias === false ? ['bias=False'] : []),
  ].join(', ')
}
