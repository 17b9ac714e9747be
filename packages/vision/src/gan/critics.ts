import {
  type AnyModule,
  Conv2d,
  type ConvInit,
  type ConvLayerOptions,
  convLayer,
  Dropout2d,
  Flatten,
  kaimingNormal,
  LeakyReLU,
  MergeLayer,
  type NormType,
  SelfAttention,
  Sequential,
  SequentialEx,
  tf,
} from '@espalier/core'
import { checkCounts } from './check-counts.js'

/** A network that tells real pictures from made ones: `[b, h, w, c]` → `[b, n]`. */
export type Critic = Sequential<[tf.Tensor4D], tf.Tensor2D>

/** fastai's options of `basic_critic`, and those of its layers. */
export interface BasicCriticOptions extends ConvLayerOptions {
  /** Channels of the first layer. Default 64. */
  readonly nFeatures?: number
  /** Further layers at the first size. Default 0. */
  readonly nExtraLayers?: number
  /** Draws the last layer. Default {@link kaimingNormal}. */
  readonly init?: ConvInit
}

/** A critic that halves pictures of `inSize` pixels till they are 4 × 4 (fastai's `basic_critic`): one number each. */
export function basicCritic(inSize: number, nChannels: number, options: BasicCriticOptions = {}): Critic {
  const { nFeatures = 64, nExtraLayers = 0, normType = 'batch', init = kaimingNormal, ...rest } = options
  checkCounts('basicCritic', { inSize, nChannels, nFeatures })
  const half = { ks: 4, stride: 2, padding: 1 }
  const layers: AnyModule[] = [convLayer(nChannels, nFeatures, { ...rest, ...half, normType: null })]
  let [size, n] = [Math.floor(inSize / 2), nFeatures]
  for (let i = 0; i < nExtraLayers; i++) layers.push(convLayer(n, n, { ...rest, normType }))
  for (; size > 4; size = Math.floor(size / 2), n *= 2) {
    layers.push(convLayer(n, 2 * n, { ...rest, ...half, normType }))
  }
  const last = new Conv2d(n, 1, 4, { init: (shape) => init(shape) })
  tf.tidy(() => last.bias?.assign(tf.zeros([1])))
  return new Sequential([...layers, last, new Flatten()])
}

const leaky = { normType: 'spectral', act: () => new LeakyReLU(0.2) } as const

/** Two convolutions beside what went into them: twice the channels (fastai's `DenseResBlock`). */
export function denseResBlock(
  nf: number,
  { normType = 'batch', ...options }: ConvLayerOptions & { readonly normType?: NormType } = {},
): SequentialEx {
  const layer = () => convLayer(nf, nf, { normType, ...options })
  return new SequentialEx([layer(), layer(), new MergeLayer(true)])
}

/** fastai's options of `gan_critic`. */
export interface GANCriticOptions {
  /** Channels of the pictures. Default 3. */
  readonly nChannels?: number
  /** Channels of the first layer. Default 128. */
  readonly nf?: number
  /** Default 3. */
  readonly nBlocks?: number
  /** Dropout of whole channels. Default 0.15. */
  readonly p?: number
}

/**
 * A critic under spectral norm with self-attention (fastai's `gan_critic`), for pictures of at least 2^(`nBlocks` + 3)
 * pixels: a number for each place of what is left of them.
 */
export function ganCritic({ nChannels = 3, nf = 128, nBlocks = 3, p = 0.15 }: GANCriticOptions = {}): Critic {
  checkCounts('ganCritic', { nChannels, nf, nBlocks: nBlocks + 1 })
  const half = { ...leaky, ks: 4, stride: 2 }
  const layers: AnyModule[] = [convLayer(nChannels, nf, half), new Dropout2d(p / 2), denseResBlock(nf, leaky)]
  let n = 2 * nf
  for (let i = 0; i < nBlocks; i++, n *= 2) {
    const xtra = i === 0 ? { xtra: new SelfAttention(2 * n) } : {}
    layers.push(new Dropout2d(p), convLayer(n, 2 * n, { ...half, ...xtra }))
  }
  const last = convLayer(n, 1, { ks: 4, bias: false, padding: 0, normType: 'spectral', act: null })
  return new Sequential([...layers, last, new Flatten()])
}
