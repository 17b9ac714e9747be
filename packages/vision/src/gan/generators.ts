import {
  type AnyModule,
  type ConvLayerOptions,
  ConvTranspose2d,
  convLayer,
  Module,
  Sequential,
  Tanh,
  tf,
} from '@espalier/core'
import { checkCounts } from './check-counts.js'

/** A network that makes pictures of noise: `[b, n]` → `[b, h, w, c]`. */
export type Generator = Sequential<[tf.Tensor2D], tf.Tensor4D>

/** Vectors `[b, n]` as pictures of a single place `[b, 1, 1, n]` (fastai's `AddChannels`). */
export class AddChannels extends Module<[tf.Tensor], tf.Tensor> {
  constructor(readonly nDim: number) {
    super()
  }

  forward(x: tf.Tensor): tf.Tensor {
    const [b, ...rest] = x.shape
    return tf.reshape(x, [b!, ...new Array<number>(this.nDim).fill(1), ...rest])
  }
}

/** fastai's options of `basic_generator`, and those of its layers. */
export interface BasicGeneratorOptions extends ConvLayerOptions {
  /** How long the noise is. Default 100. */
  readonly inSz?: number
  /** Channels of the last layers. Default 64. */
  readonly nFeatures?: number
  /** Further layers at half the size. Default 0. */
  readonly nExtraLayers?: number
}

/**
 * A generator that begins with 4 × 4 places and doubles them till pictures are `outSize` pixels (fastai's
 * `basic_generator`), which must be 4 times a power of 2; their numbers are from −1 to 1.
 */
export function basicGenerator(
  outSize: number,
  nChannels: number,
  { inSz = 100, nFeatures = 64, nExtraLayers = 0, ...rest }: BasicGeneratorOptions = {},
): Generator {
  checkCounts('basicGenerator', { outSize, nChannels, inSz, nFeatures: Math.floor(nFeatures / 2) })
  let [size, n] = [4, Math.floor(nFeatures / 2)]
  for (; size < outSize; size *= 2) n *= 2
  const layers: AnyModule[] = [
    new AddChannels(2),
    convLayer(inSz, n, { ...rest, ks: 4, stride: 1, transpose: true }),
  ]
  for (size = 4; size < Math.floor(outSize / 2); size *= 2, n = Math.floor(n / 2)) {
    layers.push(convLayer(n, Math.floor(n / 2), { ...rest, ks: 4, stride: 2, padding: 1, transpose: true }))
  }
  for (let i = 0; i < nExtraLayers; i++) {
    layers.push(convLayer(n, n, { ...rest, ks: 3, stride: 1, padding: 1, transpose: true }))
  }
  layers.push(new ConvTranspose2d(n, nChannels, 4, { stride: 2, padding: 1, bias: false }), new Tanh())
  return new Sequential(layers)
}
