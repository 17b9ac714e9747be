import * as tf from '../engine/tf.js'
import { type Pair, pair } from '../kernels/conv2d.js'
import { ReLU, ReLU6, Sigmoid, Tanh } from './activations.js'
import { BatchNorm } from './batch-norm.js'
import { BlurPool2d } from './blur-pool2d.js'
import type { AnyConvOptions } from './conv-form.js'
import { ConvTranspose2d } from './conv-transpose2d.js'
import { Conv1d } from './conv1d.js'
import { Conv2d, type ConvInit } from './conv2d.js'
import { kaimingUniform, normal, torchDefault, xavierUniform } from './init.js'
import { InstanceNorm2d } from './instance-norm.js'
import { LeakyReLU } from './leaky-relu.js'
import { Mish } from './mish.js'
import type { AnyModule } from './module.js'
import { SpectralNormConv2d, WeightNormConv2d } from './reparam-conv2d.js'
import { Sequential } from './sequential.js'
import { Swish } from './swish.js'

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
  /** Rows and columns that a transposed convolution adds at the bottom and right. */
  readonly outputPadding?: Pair
  /** 2 for images (default), 1 for sequences `[b, l, nIn]`. */
  readonly ndim?: 1 | 2
  /** Spread of the initial bias. Default 0.01. */
  readonly biasStd?: number
  /** Takes a stride by blurring the activations and not in the convolution (Zhang 2019). */
  readonly antiAlias?: boolean
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
  options: ConvLayerOptions & { readonly ndim: 1 },
): Sequential<[tf.Tensor3D], tf.Tensor3D>
export function convLayer(
  nIn: number,
  nOut: number,
  options?: ConvLayerOptions,
): Sequential<[tf.Tensor4D], tf.Tensor4D>
export function convLayer(nIn: number, nOut: number, options: ConvLayerOptions = {}): Sequential {
  const { ks = 3, normType = 'batch', bn1st = true, biasStd = 0.01, ndim = 2, xtra } = options
  const { act: makeAct = () => new ReLU() } = options
  const norm = normOf(normType, nOut, ndim)
  const act = makeAct?.()
  const conv = convOf(nIn, nOut, ks, normType, {
    ...geometryOf(ks, options),
    bias: options.bias ?? !norm,
    init: initFor(act),
  })
  if (conv.bias) assign(conv.bias, normal([nOut], biasStd))
  const after = bn1st ? [norm, act] : [act, norm]
  const blur = blurOf(options)
  return new Sequential(
    [conv, ...after, blur, xtra].filter((m): m is AnyModule => !!m),
    'ConvLayer',
  )
}

type AnyConv = Conv1d | Conv2d | ConvTranspose2d | WeightNormConv2d | SpectralNormConv2d

/** Where a convolution looks; half the kernel around the image keeps its size. */
function geometryOf(ks: Pair, options: ConvLayerOptions): AnyConvOptions {
  const { ndim = 2, transpose = false, dilation, groups, outputPadding } = options
  const stride = blurOf(options) ? 1 : (options.stride ?? 1)
  const half = pair(ks).map((k) => Math.floor((k - 1) / 2)) as [number, number]
  return {
    ndim,
    transpose,
    stride,
    padding: options.padding ?? (transpose ? 0 : half),
    ...(dilation !== undefined && { dilation }),
    ...(groups !== undefined && { groups }),
    ...(outputPadding !== undefined && { outputPadding }),
  }
}

/** What takes the stride instead of the convolution. */
function blurOf({
  antiAlias = false,
  stride = 1,
  ndim = 2,
  transpose = false,
}: ConvLayerOptions): BlurPool2d | undefined {
  const [down, across] = pair(stride)
  if (!antiAlias || down !== across || down === 1 || ndim !== 2 || transpose) return undefined
  return new BlurPool2d(down)
}

function convOf(nIn: number, nOut: number, ks: Pair, normType: NormType, options: AnyConvOptions): AnyConv {
  if (normType === 'weight') return new WeightNormConv2d(nIn, nOut, ks, options)
  if (normType === 'spectral') return new SpectralNormConv2d(nIn, nOut, ks, options)
  if (options.ndim === 1) return new Conv1d(nIn, nOut, ks, options)
  return options.transpose ? new ConvTranspose2d(nIn, nOut, ks, options) : new Conv2d(nIn, nOut, ks, options)
}

function normOf(normType: NormType, n: number, ndim: 1 | 2): AnyModule | undefined {
  const initial = { weight: normType === 'batchZero' || normType === 'instanceZero' ? 0 : 1, bias: 1e-3 }
  if (normType === 'batch' || normType === 'batchZero') return new BatchNorm(n, { ndim, initial })
  if (normType !== 'instance' && normType !== 'instanceZero') return undefined
  const norm = new InstanceNorm2d(n, 1e-5, ndim)
  assign(norm.weight, tf.fill<tf.Rank.R1>([n], initial.weight))
  assign(norm.bias, tf.fill<tf.Rank.R1>([n], initial.bias))
  return norm
}

/** fastai's `init_default` by activation. */
function initFor(act: AnyModule | undefined): ConvInit {
  if ([ReLU, LeakyReLU, ReLU6, Swish, Mish].some((rectifier) => act instanceof rectifier))
    return kaimingUniform
  return act instanceof Sigmoid || act instanceof Tanh ? xavierUniform : torchDefault
}

/** Replaces the value of a weight. `value` is consumed. */
function assign<R extends tf.Rank>(v: tf.Variable<R>, value: tf.Tensor<R>): void {
  v.assign(value)
  value.dispose()
}
