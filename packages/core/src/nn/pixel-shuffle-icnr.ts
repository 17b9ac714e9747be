import * as tf from '../engine/tf.js'
import { ReLU } from './activations.js'
import { type ConvLayerOptions, convLayer, type NormType } from './conv-layer.js'
import { icnrInit } from './icnr-init.js'
import type { AnyModule } from './module.js'
import { PixelShuffle } from './pixel-shuffle.js'
import { AvgPool2d } from './pools.js'
import { SpectralNormConv2d, WeightNormConv2d } from './reparam-conv2d.js'
import { ReplicationPad2d } from './replication-pad2d.js'
import { Sequential } from './sequential.js'

/** fastai's options of a `PixelShuffle_ICNR`. */
export interface PixelShuffleIcnrOptions {
  /** How many times larger the result is. Default 2. */
  readonly scale?: number
  /** Averages neighbouring pixels of the result, against what is left of the chessboard. Default false. */
  readonly blur?: boolean
  /** Default `weight`. */
  readonly normType?: NormType
  /** Makes the activation, which lies before the shuffle; null for none. Default ReLU. */
  readonly act?: ConvLayerOptions['act']
}

/**
 * Up-sampling that is learned: a 1×1 convolution to r² times the channels, activation, then a pixel shuffle that begins
 * as nearest up-sampling (fastai's `PixelShuffle_ICNR`): `[b, h, w, nIn]` → `[b, h·r, w·r, nOut]`.
 *
 * @example
 * pixelShuffleIcnr(64, 32, { blur: true }) // [b, 7, 7, 64] → [b, 14, 14, 32]
 */
export function pixelShuffleIcnr(
  nIn: number,
  nOut = nIn,
  { scale = 2, blur = false, normType = 'weight', act = () => new ReLU() }: PixelShuffleIcnrOptions = {},
): Sequential<[tf.Tensor4D], tf.Tensor4D> {
  const conv = convLayer(nIn, nOut * scale ** 2, { ks: 1, normType, act, biasStd: 0 })
  beginAsNearest(conv.layers[0]!, scale)
  return new Sequential(
    [
      conv,
      new PixelShuffle(scale),
      ...(blur ? [new ReplicationPad2d([1, 0, 1, 0]), new AvgPool2d(2, { stride: 1 })] : []),
    ],
    'PixelShuffle_ICNR',
  )
}

/** Gives the filters of a convolution, however they are held, the form of {@link icnrInit}. */
function beginAsNearest(conv: AnyModule, scale: number): void {
  const weight =
    conv instanceof WeightNormConv2d
      ? conv.weightV
      : conv instanceof SpectralNormConv2d
        ? conv.weightOrig
        : (conv as AnyModule & { readonly weight: tf.Variable }).weight
  const filters = icnrInit(weight.shape, scale)
  weight.assign(filters)
  if (conv instanceof WeightNormConv2d) {
    tf.tidy(() => conv.weightG.assign(tf.sqrt(tf.sum<tf.Tensor4D>(tf.square(filters), [0, 1, 2], true))))
  }
  filters.dispose()
}
