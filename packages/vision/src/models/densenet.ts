import {
  type AnyModule,
  AvgPool2d,
  BatchNorm,
  Conv2d,
  kaimingNormal,
  Linear,
  MaxPool2d,
  Module,
  type ParamGroups,
  ReLU,
  Sequential,
  tf,
} from '@espalier/core'
import { groupsOf } from './groups-of.js'
import { type Arch, type ArchOptions, arch } from './vision-model.js'
import { widened } from './widened.js'

type Images = tf.Tensor4D

const conv = (nIn: number, nOut: number, kernel: number, stride = 1) =>
  new Conv2d(nIn, nOut, kernel, {
    stride,
    padding: (kernel - 1) / 2,
    bias: false,
    init: (shape) => kaimingNormal(shape),
  })

/** Norm, ReLU and a 1×1 convolution to four times the growth, then norm, ReLU and a 3×3 convolution to the growth. */
class DenseLayer extends Module<[Images], Images> {
  readonly norm1: BatchNorm
  readonly relu1 = new ReLU({ inplace: true })
  readonly conv1: Conv2d
  readonly norm2: BatchNorm
  readonly relu2 = new ReLU({ inplace: true })
  readonly conv2: Conv2d

  constructor(nIn: number, growth: number) {
    super()
    this.norm1 = new BatchNorm(nIn)
    this.conv1 = conv(nIn, 4 * growth, 1)
    this.norm2 = new BatchNorm(4 * growth)
    this.conv2 = conv(4 * growth, growth, 3)
  }

  override get kind(): string {
    return '_DenseLayer'
  }

  forward(x: Images): Images {
    const y = this.conv1.forward(this.relu1.forward(this.norm1.forward(x)))
    return this.conv2.forward(this.relu2.forward(this.norm2.forward(y)))
  }
}

/** Layers that each see all that came before: `[b, h, w, n]` → `[b, h, w, n + layers · growth]`. */
class DenseBlock extends Module<[Images], Images> {
  readonly layers: readonly DenseLayer[]

  constructor(layers: number, nIn: number, growth: number) {
    super()
    this.layers = Array.from({ length: layers }, (_, i) => new DenseLayer(nIn + i * growth, growth))
  }

  override get kind(): string {
    return '_DenseBlock'
  }

  override *children(): Generator<[string, AnyModule]> {
    for (const [i, layer] of this.layers.entries()) yield [`denselayer${i + 1}`, layer]
  }

  forward(x: Images): Images {
    return this.layers.reduce((seen, layer) => tf.concat([seen, layer.forward(seen)], 3), x)
  }
}

/** Halves the channels and the resolution. */
const transition = (nIn: number, nOut: number): AnyModule =>
  new Sequential(
    [new BatchNorm(nIn), new ReLU({ inplace: true }), conv(nIn, nOut, 1), new AvgPool2d(2)],
    '_Transition',
    ['norm', 'relu', 'conv', 'pool'],
  )

const rectify = new ReLU()

/** Densely connected networks (Huang et al. 2016) with torchvision's names: `[b, h, w, 3]` → `[b, numClasses]`. */
export class DenseNet extends Module<[Images], tf.Tensor2D> {
  readonly features: Sequential<[Images], Images>
  readonly classifier: Linear
  readonly channels: readonly number[]

  constructor(
    growthRate: number,
    depths: readonly number[],
    initFeatures: number,
    { numClasses = 1000, widen }: ArchOptions = {},
  ) {
    super()
    const growth = widened(growthRate, widen)
    let n = widened(initFeatures, widen)
    const named: [string, AnyModule][] = [
      ['conv0', conv(3, n, 7, 2)],
      ['norm0', new BatchNorm(n)],
      ['relu0', new ReLU({ inplace: true })],
      ['pool0', new MaxPool2d(3, { stride: 2, padding: 1 })],
    ]
    const channels = [n]
    for (const [i, layers] of depths.entries()) {
      named.push([`denseblock${i + 1}`, new DenseBlock(layers, n, growth)])
      n += layers * growth
      channels.push(n)
      if (i === depths.length - 1) break
      const half = Math.floor(n / 2)
      named.push([`transition${i + 1}`, transition(n, half)])
      n = half
    }
    named.push(['norm5', new BatchNorm(n)])
    this.features = new Sequential(
      named.map(([, layer]) => layer),
      'Sequential',
      named.map(([name]) => name),
    )
    this.classifier = new Linear(n, numClasses)
    this.channels = channels
  }

  /** Each stage begins with what shrinks: the pool of the stem, then the transitions. */
  get stages(): readonly AnyModule[] {
    const begins = [0, 3, 5, 7, 9]
    return begins.map((begin, i) => this.features.slice(begin, begins[i + 1]))
  }

  groups(): ParamGroups {
    return groupsOf(this, [this.features.slice(0, 7)], [this.features.slice(7)])
  }

  forward(x: Images): tf.Tensor2D {
    const features = rectify.forward(this.features.forward(x))
    return this.classifier.forward(tf.mean<tf.Tensor2D>(features, [1, 2]))
  }
}

const densenet = (name: string, growth: number, depths: readonly number[], initFeatures: number): Arch =>
  arch(name, (options) => new DenseNet(growth, depths, initFeatures, options))

/** 121 layers, 8.0 million weights. */
export const densenet121 = densenet('densenet121', 32, [6, 12, 24, 16], 64)
/** 161 wider layers, 28.7 million weights. */
export const densenet161 = densenet('densenet161', 48, [6, 12, 36, 24], 96)
/** 169 layers, 14.1 million weights. */
export const densenet169 = densenet('densenet169', 32, [6, 12, 32, 32], 64)
/** 201 layers, 20.0 million weights. */
export const densenet201 = densenet('densenet201', 32, [6, 12, 48, 32], 64)

/** All of them, for the registry. */
export const densenets: readonly Arch[] = [densenet121, densenet161, densenet169, densenet201]
