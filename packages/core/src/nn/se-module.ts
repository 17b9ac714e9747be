import { Sigmoid } from './activations.js'
import { type ConvLayerOptions, convLayer } from './conv-layer.js'
import { AdaptiveAvgPool2d } from './pools.js'
import { ProdLayer } from './prod-layer.js'
import { SequentialEx } from './sequential-ex.js'

/**
 * Scales each channel by what the whole picture says of it (Hu et al. 2017; fastai's `SEModule`): `[b, h, w, ch]` →
 * the same. In between are ch / reduction channels, in whole eights, at least eight.
 */
export function seModule(ch: number, reduction: number, act?: ConvLayerOptions['act']): SequentialEx {
  const nf = Math.max(8, Math.ceil(Math.floor(ch / reduction) / 8) * 8)
  const options = { ks: 1, normType: null } as const
  return new SequentialEx([
    new AdaptiveAvgPool2d(1),
    convLayer(ch, nf, { ...options, ...(act !== undefined && { act }) }),
    convLayer(nf, ch, { ...options, act: () => new Sigmoid() }),
    new ProdLayer(),
  ])
}
