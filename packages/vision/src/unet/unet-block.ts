import {
  type AnyModule,
  applyInit,
  BatchNorm,
  type ConvLayerOptions,
  convLayer,
  Module,
  type NormType,
  pixelShuffleIcnr,
  ReLU,
  SelfAttention,
  type Sequential,
  tf,
  withoutInit,
} from '@espalier/core'
import { nearestTo } from './nearest-to.js'

type Layers = Sequential<[tf.Tensor4D], tf.Tensor4D>

/** How the layers of a decoder are made. */
export interface DecoderOptions {
  /** Makes the activations. Default ReLU. */
  readonly act?: () => AnyModule
  /** How convolutions begin; null leaves them as `convLayer` made them. Default He's, with normal draws. */
  readonly init?: ((shape: readonly number[]) => tf.Tensor) | null
  /** What normalizes convolutions. Default null: nothing, they have biases. */
  readonly normType?: NormType
}

/** fastai's options of a `UnetBlock`. */
export interface UnetBlockOptions extends DecoderOptions {
  /** False halves the channels at the end: for the last block. Default true. */
  readonly finalDiv?: boolean
  /** Averages neighbouring pixels after up-sampling. Default false. */
  readonly blur?: boolean
  /** Default false. */
  readonly selfAttention?: boolean
}

/**
 * One step up: features twice as large, beside those that the encoder had at that size (fastai's `UnetBlock`). The
 * encoder's features are passed in; nothing is hooked.
 *
 * `[b, h, w, upIn]` and the skip `[b, h', w', skipIn]` → `[b, h', w', nOut]`.
 */
export class UnetBlock extends Module<[x: tf.Tensor4D, skip: tf.Tensor4D], tf.Tensor4D> {
  readonly shuf: Layers
  readonly bn: BatchNorm
  readonly conv1: Layers
  readonly conv2: Layers
  readonly relu: AnyModule
  readonly nOut: number

  constructor(upIn: number, skipIn: number, options: UnetBlockOptions = {}) {
    super()
    const { finalDiv = true, blur = false, selfAttention = false } = options
    const { act = () => new ReLU(), init, normType = null } = options
    const half = Math.floor(upIn / 2)
    const nIn = half + skipIn
    this.nOut = finalDiv ? nIn : Math.floor(nIn / 2)
    const conv: ConvLayerOptions = { act, normType }
    this.shuf = pixelShuffleIcnr(upIn, half, { blur, act, normType })
    this.bn = fastaiNorm(skipIn)
    const begin = { ...(init !== undefined && { init }), normType }
    this.conv1 = initialized(() => convLayer(nIn, this.nOut, conv), begin)
    const xtra = selfAttention ? { xtra: new SelfAttention(this.nOut) } : {}
    this.conv2 = initialized(() => convLayer(this.nOut, this.nOut, { ...conv, ...xtra }), begin)
    this.relu = act()
  }

  forward(x: tf.Tensor4D, skip: tf.Tensor4D): tf.Tensor4D {
    const up = nearestTo(this.shuf.forward(x), [skip.shape[1], skip.shape[2]])
    const both = tf.concat([up, this.bn.forward(skip)], 3) // [b, h', w', upIn / 2 + skipIn]
    return this.conv2.forward(this.conv1.forward(this.relu.forward(both as never) as tf.Tensor4D))
  }
}

/** Makes layers whose weights `init` draws. What would be drawn first only to be replaced is not drawn. */
export function initialized<M extends AnyModule>(make: () => M, { init, normType }: DecoderOptions): M {
  if (init === null) return make()
  const keepsOwn = normType === 'weight' || normType === 'spectral'
  const made = keepsOwn ? make() : withoutInit(make)
  applyInit(made, init)
  return made
}

/** A batch norm that begins as fastai's own layers do. */
export function fastaiNorm(n: number): BatchNorm {
  return new BatchNorm(n, { initial: { bias: 1e-3 } })
}
