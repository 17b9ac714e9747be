import {
  AdaptiveAvgPool2d,
  type AnyModule,
  BatchNorm,
  Conv2d,
  Dropout,
  fanOut,
  kaimingNormal,
  Linear,
  Module,
  type ParamGroups,
  Sequential,
  SqueezeExcite,
  StochasticDepth,
  Swish,
  tf,
} from '@espalier/core'
import { groupsOf } from './groups-of.js'
import { type Arch, type ArchOptions, arch } from './vision-model.js'
import { widenedBy8 } from './widened.js'

type Images = tf.Tensor4D

const silu = () => new Swish({ inplace: true })

interface ConvOptions {
  readonly stride?: number
  readonly groups?: number
  readonly act?: boolean
}

/** Convolution, batch norm and, unless told otherwise, SiLU. */
const convNorm = (
  nIn: number,
  nOut: number,
  kernel: number,
  { stride = 1, groups = 1, act = true }: ConvOptions = {},
) =>
  new Sequential<[Images], Images>(
    [
      new Conv2d(nIn, nOut, kernel, {
        stride,
        padding: (kernel - 1) / 2,
        groups,
        bias: false,
        init: (shape) => kaimingNormal(shape, fanOut(shape)),
      }),
      new BatchNorm(nOut),
      ...(act ? [silu()] : []),
    ],
    'Conv2dNormActivation',
  )

/** Expands, filters each channel by itself, weighs the channels, projects back (Tan & Le 2019). */
class MBConv extends Module<[Images], Images> {
  readonly block: Sequential<[Images], Images>
  readonly stochasticDepth: StochasticDepth
  readonly residual: boolean

  constructor(nIn: number, nOut: number, kernel: number, stride: number, expanded: number, drop: number) {
    super()
    this.residual = stride === 1 && nIn === nOut
    this.block = new Sequential([
      ...(expanded === nIn ? [] : [convNorm(nIn, expanded, 1)]),
      convNorm(expanded, expanded, kernel, { stride, groups: expanded }),
      new SqueezeExcite(expanded, Math.max(1, Math.floor(nIn / 4)), silu()),
      convNorm(expanded, nOut, 1, { act: false }),
    ])
    this.stochasticDepth = new StochasticDepth(drop)
  }

  forward(x: Images): Images {
    const y = this.block.forward(x)
    return this.residual ? tf.add(x, this.stochasticDepth.forward(y)) : y
  }
}

/** Expansion, kernel, first stride, channels and blocks of each stage (table 1 of the paper). */
const b0 = [
  [1, 3, 1, 16, 1],
  [6, 3, 2, 24, 2],
  [6, 5, 2, 40, 2],
  [6, 3, 2, 80, 3],
  [6, 5, 1, 112, 3],
  [6, 5, 2, 192, 4],
  [6, 3, 1, 320, 1],
] as const
const allBlocks = b0.reduce((n, stage) => n + stage[4], 0)
/** How often the last block is left out in training; the others less, in proportion to their depth. */
const mostDropped = 0.2

/** EfficientNet with torchvision's names: `[b, h, w, 3]` → `[b, numClasses]`, 5.3 million weights. */
export class EfficientNet extends Module<[Images], tf.Tensor2D> {
  readonly features: Sequential<[Images], Images>
  readonly avgpool = new AdaptiveAvgPool2d(1)
  readonly classifier: Sequential<[tf.Tensor2D], tf.Tensor2D>
  readonly channels: readonly number[]

  constructor({ numClasses = 1000, widen = 1 }: ArchOptions = {}) {
    super()
    let nIn = widenedBy8(32, widen)
    let made = 0
    const layers: AnyModule[] = [convNorm(3, nIn, 3, { stride: 2 })]
    for (const [expansion, kernel, stride, channels, blocks] of b0) {
      const nOut = widenedBy8(channels, widen)
      const stage: AnyModule[] = []
      for (let i = 0; i < blocks; i++) {
        const drop = (mostDropped * made++) / allBlocks
        stage.push(new MBConv(nIn, nOut, kernel, i === 0 ? stride : 1, widenedBy8(nIn * expansion), drop))
        nIn = nOut
      }
      layers.push(new Sequential(stage))
    }
    const last = 4 * nIn
    this.features = new Sequential([...layers, convNorm(nIn, last, 1)])
    this.classifier = new Sequential([new Dropout(0.2), new Linear(last, numClasses)])
    this.channels = [...[16, 24, 40, 112].map((c) => widenedBy8(c, widen)), last]
  }

  get stages(): readonly AnyModule[] {
    const begins = [0, 2, 3, 4, 6]
    return begins.map((begin, i) => this.features.slice(begin, begins[i + 1]))
  }

  groups(): ParamGroups {
    return groupsOf(this, [this.features.slice(0, 4)], [this.features.slice(4)])
  }

  forward(x: Images): tf.Tensor2D {
    const pooled = this.avgpool.forward(this.features.forward(x)) // [b, 1, 1, c]
    return this.classifier.forward(tf.reshape(pooled, [pooled.shape[0], pooled.shape[3]]))
  }
}

/** EfficientNet-B0: few weights and few operations for what it knows. */
export const efficientnetB0: Arch = arch('efficientnet_b0', (options) => new EfficientNet(options))
