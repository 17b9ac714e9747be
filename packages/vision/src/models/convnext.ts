import {
  AdaptiveAvgPool2d,
  type AnyModule,
  type Axes,
  applyInit,
  Conv2d,
  Flatten,
  GELU,
  Identity,
  LayerNorm,
  Linear,
  Module,
  normal,
  type ParamGroups,
  param,
  Sequential,
  StochasticDepth,
  tf,
} from '@espalier/core'
import { groupsOf } from './groups-of.js'
import { type Arch, type ArchOptions, arch } from './vision-model.js'
import { widened } from './widened.js'

type Images = tf.Tensor4D

const norm = (n: number) => new LayerNorm(n, { eps: 1e-6, ndim: 2 })

/** 7×7 filters for each channel, then two linear layers at each place, around a shortcut (Liu et al. 2022). */
class CNBlock extends Module<[Images], Images> {
  /** How much of each channel is added, `[1, 1, n]`; nearly nothing at first. */
  readonly layerScale: tf.Variable<tf.Rank.R3>
  /** As in torch, where places 1 and 6 turn the axes to channels last and back: ours lie that way. */
  readonly block: Sequential
  readonly stochasticDepth: StochasticDepth

  constructor(n: number, drop: number) {
    super()
    this.layerScale = param(tf.fill<tf.Rank.R3>([1, 1, n], 1e-6))
    this.block = new Sequential([
      new Conv2d(n, n, 7, { padding: 3, groups: n }),
      new Identity(),
      new LayerNorm(n, { eps: 1e-6 }),
      new Linear(n, 4 * n),
      new GELU(),
      new Linear(4 * n, n),
      new Identity(),
    ])
    this.stochasticDepth = new StochasticDepth(drop)
  }

  forward(x: Images): Images {
    const [filter, , norm, widen, gelu, narrow] = this.block.layers as readonly Module<
      [tf.Tensor],
      tf.Tensor
    >[]
    const filtered = norm!.forward(filter!.forward(x)) as Images
    const places = tf.reshape(filtered, [-1, filtered.shape[3]]) // [b·h·w, n]
    const mixed = tf.reshape<tf.Rank.R4>(
      narrow!.forward(gelu!.forward(widen!.forward(places))),
      filtered.shape,
    )
    return tf.add(x, this.stochasticDepth.forward(tf.mul<Images>(mixed, this.layerScale)))
  }

  override torchAxes(field: string): Axes | undefined {
    return field === 'layerScale' ? [2, 0, 1] : undefined
  }
}

/** Channels and blocks of the four stages. */
const tiny = [
  [96, 3],
  [192, 3],
  [384, 9],
  [768, 3],
] as const
const allBlocks = tiny.reduce((n, [, blocks]) => n + blocks, 0)
/** How often the last block is left out in training; the others less, in proportion to their depth. */
const mostDropped = 0.1

/** ConvNeXt with torchvision's names: `[b, h, w, 3]` → `[b, numClasses]`, 28.6 million weights. */
export class ConvNeXt extends Module<[Images], tf.Tensor2D> {
  readonly features: Sequential<[Images], Images>
  readonly avgpool = new AdaptiveAvgPool2d(1)
  readonly classifier: Sequential<[Images], tf.Tensor2D>
  readonly channels: readonly number[]

  constructor({ numClasses = 1000, widen }: ArchOptions = {}) {
    super()
    this.channels = tiny.map(([n]) => widened(n, widen))
    let made = 0
    const layers = tiny.flatMap(([, blocks], i) => {
      const n = this.channels[i]!
      const shrink =
        i === 0
          ? new Sequential([new Conv2d(3, n, 4, { stride: 4 }), norm(n)], 'Conv2dNormActivation')
          : new Sequential([
              norm(this.channels[i - 1]!),
              new Conv2d(this.channels[i - 1]!, n, 2, { stride: 2 }),
            ])
      const drop = () => (mostDropped * made++) / (allBlocks - 1)
      return [shrink, new Sequential(Array.from({ length: blocks }, () => new CNBlock(n, drop())))]
    })
    const last = this.channels.at(-1)!
    this.features = new Sequential(layers)
    this.classifier = new Sequential([norm(last), new Flatten(), new Linear(last, numClasses)])
    applyInit(this, (shape) => normal(shape, 0.02))
  }

  get stages(): readonly AnyModule[] {
    const begins = [0, 2, 4, 6]
    return begins.map((begin, i) => this.features.slice(begin, begins[i + 1]))
  }

  groups(): ParamGroups {
    return groupsOf(this, [this.features.slice(0, 4)], [this.features.slice(4)])
  }

  forward(x: Images): tf.Tensor2D {
    return this.classifier.forward(this.avgpool.forward(this.features.forward(x)))
  }
}

/** ConvNeXt-Tiny: a residual network with the habits of a transformer. */
export const convnextTiny: Arch = arch('convnext_tiny', (options) => new ConvNeXt(options))
