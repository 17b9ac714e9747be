import * as tf from '../engine/tf.js'
import { ReLU } from './activations.js'
import { type ConvLayerOptions, convLayer, type NormType } from './conv-layer.js'
import { type AnyModule, Module } from './module.js'
import { AvgPool2d } from './pools.js'
import { seModule } from './se-module.js'
import { Sequential } from './sequential.js'
import { SimpleSelfAttention } from './simple-self-attention.js'

type Images = tf.Tensor4D

/** What goes to every convolution of a block, the one of the shortcut too. */
type SharedOptions = Pick<ConvLayerOptions, 'padding' | 'dilation' | 'bias' | 'bn1st' | 'biasStd'>

/** fastai's options of a `ResBlock`. */
export interface ResBlockOptions extends SharedOptions {
  /** Kernel size. Default 3. */
  readonly ks?: number
  readonly stride?: number
  readonly groups?: number
  /** Squeezes and excites, with so many times fewer channels in between. */
  readonly reduction?: number
  /** Channels after the first convolution of three. Default `nh2`. */
  readonly nh1?: number
  /** Channels before the last convolution. Default `nf`. */
  readonly nh2?: number
  /** Filters each channel by itself. */
  readonly dw?: boolean
  /** Groups of the last convolution. */
  readonly g2?: number
  /** Ends with self-attention. */
  readonly sa?: boolean
  /** Default `batch`. */
  readonly normType?: NormType
  /** Makes the activations. Default ReLU. */
  readonly act?: () => AnyModule
  /** Shrinks the shortcut by a stride. Default the mean of each window. */
  readonly pool?: (stride: number) => AnyModule
  /** Shrinks the shortcut before its convolution (default), or after it. */
  readonly poolFirst?: boolean
  /** Blurs where the stride lies, as {@link convLayer} does. */
  readonly antiAlias?: boolean
}

/**
 * Convolutions around a shortcut, which shrinks by averaging; the last norm begins at zero, so that the block begins
 * as its shortcut (He et al. 2018; fastai's `ResBlock`): `[b, h, w, ni·expansion]` → `[b, ⌈h/stride⌉, ⌈w/stride⌉,
 * nf·expansion]`. With expansion 1 there are two convolutions, else three.
 */
export class ResBlock extends Module<[Images], Images> {
  readonly convpath: Sequential<[Images], Images>
  readonly idpath: Sequential<[Images], Images>
  readonly act: AnyModule

  constructor(expansion: number, ni: number, nf: number, options: ResBlockOptions = {}) {
    super()
    const { stride = 1, reduction, sa = false, act, pool = averaging, poolFirst = true } = options
    const [nIn, nOut] = [ni * expansion, nf * expansion]
    this.convpath = new Sequential([
      ...convolutions(expansion, nIn, nOut, { nh2: nf, ...options }),
      ...(reduction ? [seModule(nOut, reduction, act)] : []),
      ...(sa ? [new SimpleSelfAttention(nOut)] : []),
    ])
    // As in fastai the shortcut has a batch norm, whatever normalizes the other path.
    const widen = nIn === nOut ? [] : [convLayer(nIn, nOut, { ...sharedOf(options), ks: 1, act: null })]
    const shrink = stride === 1 ? [] : [pool(stride)]
    this.idpath = new Sequential(poolFirst ? [...shrink, ...widen] : [...widen, ...shrink])
    this.act = act ? act() : new ReLU({ inplace: true })
  }

  forward(x: Images): Images {
    const sum = tf.add<Images>(this.convpath.forward(x), this.idpath.forward(x))
    return this.act.forward(sum as never) as Images
  }
}

const averaging = (stride: number) => new AvgPool2d(stride, { ceilMode: true })

function convolutions(
  expansion: number,
  nIn: number,
  nOut: number,
  options: ResBlockOptions & { readonly nh2: number },
): AnyModule[] {
  const { ks = 3, stride = 1, groups = 1, nh2, nh1 = nh2, dw = false, g2 = 1 } = options
  const { normType = 'batch', act, antiAlias = false } = options
  const shared = sharedOf(options)
  const inner = { ...shared, normType, ...(act && { act }) }
  const last = { ...shared, normType: zeroed(normType), act: null, groups: g2 }
  const spatial = (n: number) => ({ ...inner, ks, stride, antiAlias, groups: dw ? n : groups })
  return expansion === 1
    ? [convLayer(nIn, nh2, spatial(nIn)), convLayer(nh2, nOut, { ...last, ks })]
    : [
        convLayer(nIn, nh1, { ...inner, ks: 1 }),
        convLayer(nh1, nh2, spatial(nh1)),
        convLayer(nh2, nOut, { ...last, ks: 1 }),
      ]
}

/** The norm that begins at weight 0. */
function zeroed(normType: NormType): NormType {
  if (normType === 'batch') return 'batchZero'
  return normType === 'instance' ? 'instanceZero' : normType
}

function sharedOf(options: ResBlockOptions): SharedOptions {
  const names = ['padding', 'dilation', 'bias', 'bn1st', 'biasStd'] as const
  return Object.fromEntries(names.filter((n) => options[n] !== undefined).map((n) => [n, options[n]]))
}
