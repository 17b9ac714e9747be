import * as tf from '../engine/tf.js'
import { type Pair, pair } from '../kernels/conv2d.js'
import { ReLU, ReLU6, Sigmoid, Tanh } from './activations.js'
import { BatchNorm } from './batch-norm.js'
import { ConvTranspose2d } from './conv-transpose2d.js'
import { Conv2d, type Conv2dModuleOptions, type ConvInit } from './conv2d.js'
import { kaimingUniform, normal, torchDefault, xavierUniform } from './init.js'
import { InstanceNorm2d } from './instance-norm.js'
import type { AnyModule } from './module.js'
import { SpectralNormConv2d, WeightNormConv2d } from './reparam-conv2d.js'
import { Sequential } from './sequential.js'

/** What normalizes a {@link convLayer}; the `Zero` kinds start at weight 0. */
export type NormType = 'batch' | 'batchZero' | 'instance' | 'instanceZero' | 'weight' | 'spectral' | null

/** fastai's options of a `ConvLayer`. */
export interface ConvLayerOptions {
  /** Kernel size. Default 3. */
  readonly ks?: Pair
  readonly stride?: Pair
  /** Default (ks − 1) / 2, which keeps the size; 0 when transposed. */
  readonly padding?: Pair
  readonly dilation?: Pair
  readonly groups?: number
  /** Default: only without batch or instance norm. */
  readonly bias?: boolean
  /** Default `batch`. */
  readonly normType?: NormType
  /** Norm before the activation (default), or after it. */
  readonly bn1st?: boolean
  /** Makes the activation; null for none. Default ReLU. */
  readonly act?: (() => AnyModule) | null
  readonly transpose?: boolean
  /** Spread of the initial bias. Default 0.01. */
  readonly biasStd?: number
  /** Appended last. */
  readonly xtra?: AnyModule
}

/**
 * Convolution, norm and activation as one layer (fastai's `ConvLayer`): `[b, h, w, nIn]` → `[b, h', w', nOut]`.
 * Weights are initialized for the activation that follows.
 */
export function convLayer(
  nIn: number,
  nOut: number,
  options: ConvLayerOptions = {},
): Sequential<[tf.Tensor4D], tf.Tensor4D> {
  const {
    ks = 3,
    stride = 1,
    normType = 'batch',
    bn1st = true,
    transpose = false,
    biasStd = 0.01,
    xtra,
  } = options
  const { act: makeAct = () => new ReLU() } = options
  const norm = normOf(normType, nOut)
  const act = makeAct?.()
  const half = pair(ks).map((k) => Math.floor((k - 1) / 2)) as [number, number]
  const conv = convOf(nIn, nOut, ks, normType, transpose, {
    stride,
    padding: options.padding ?? (transpose ? 0 : half),
    ...(options.dilation !== undefined && { dilation: options.dilation }),
    ...(options.groups !== undefined && { groups: options.groups }),
    bias: options.bias ?? !norm,
    init: initFor(act),
  })
  if (conv.bias) assign(conv.bias, normal([nOut], biasStd))
  const after = bn1st ? [norm, act] : [act, norm]
  return new Sequential(
    [conv, ...after, xtra].filter((m): m is AnyModule => !!m),
    'ConvLayer',
  )
}

type AnyConv = Conv2d | ConvTranspose2d | WeightNormConv2d | SpectralNormConv2d

function convOf(
  nIn: number,
  nOut: number,
  ks: Pair,
  normType: NormType,
  transpose: boolean,
  options: Conv2dModuleOptions,
): AnyConv {
  if (normType === 'weight') return new WeightNormConv2d(nIn, nOut, ks, options)
  if (normType === 'spectral') return new SpectralNormConv2d(nIn, nOut, ks, options)
  return transpose ? new ConvTranspose2d(nIn, nOut, ks, options) : new Conv2d(nIn, nOut, ks, options)
}

function normOf(normType: NormType, n: number): AnyModule | undefined {
  const zero = normType === 'batchZero' || normType === 'instanceZero'
  if (normType === 'batch' || normType === 'batchZero') {
    return new BatchNorm(n, { initial: { weight: zero ? 0 : 1, bias: 1e-3 } })
  }
  if (normType !== 'instance' && normType !== 'instanceZero') return undefined
  const norm = new InstanceNorm2d(n)
  if (zero) assign(norm.weight, tf.zeros<tf.Rank.R1>([n]))
  return norm
}

/** fastai's `init_default` by activation. */
function initFor(act: AnyModule | undefined): ConvInit {
  if (act instanceof ReLU || act instanceof ReLU6) return kaimingUniform
  return act instanceof Sigmoid || act instanceof Tanh ? xavierUniform : torchDefault
}

/** Replaces the value of a weight. `value` is consumed. */
function assign<R extends tf.Rank>(v: tf.Variable<R>, value: tf.Tensor<R>): void {
  v.assign(value)
  value.dispose()
}
