import {
  AdaptiveAvgPool2d,
  type AnyModule,
  BatchNorm,
  Conv2d,
  Dropout,
  fanOut,
  kaimingNormal,
  Linear,
  MaxPool2d,
  Module,
  normal,
  type ParamGroups,
  ReLU,
  Sequential,
  tf,
} from '@espalier/core'
import { flattenAsTorch } from './flatten-as-torch.js'
import { groupsOf } from './groups-of.js'
import { type Arch, type ArchOptions, arch } from './vision-model.js'
import { widened } from './widened.js'

type Images = tf.Tensor4D

const conv = (nIn: number, nOut: number) =>
  new Conv2d(nIn, nOut, 3, { padding: 1, init: (shape) => kaimingNormal(shape, fanOut(shape)) })

/** 3×3 convolutions with batch norm between pools (Simonyan & Zisserman 2014), torchvision's names: `[b, h, w, 3]` → `[b, numClasses]`. */
export class Vgg extends Module<[Images], tf.Tensor2D> {
  readonly features: Sequential<[Images], Images>
  readonly avgpool = new AdaptiveAvgPool2d(7)
  readonly classifier: Sequential<[tf.Tensor2D], tf.Tensor2D>
  readonly channels: readonly number[]
  /** Where the stages begin in `features`: each at a pool, but for the first. */
  readonly begins: readonly number[]

  /** `depths` convolutions in each of five stages. */
  constructor(depths: readonly number[], { numClasses = 1000, widen, headless }: ArchOptions = {}) {
    super()
    const layers: AnyModule[] = []
    const widths = [64, 128, 256, 512, 512].map((n) => widened(n, widen))
    const begins: number[] = []
    let nIn = 3
    for (const [i, depth] of depths.entries()) {
      begins.push(layers.length)
      if (i > 0) layers.push(new MaxPool2d(2))
      for (let k = 0; k < depth; k++) {
        const nOut = widths[i]!
        layers.push(conv(nIn, nOut), new BatchNorm(nOut), new ReLU({ inplace: true }))
        nIn = nOut
      }
    }
    this.begins = [...begins, layers.length]
    this.channels = [...widths, nIn]
    this.features = new Sequential([...layers, new MaxPool2d(2)])
    this.classifier = classifier(nIn * 49, headless ? 1 : widened(4096, widen), numClasses)
    for (const { name, variable, owner } of this.weights()) {
      if (name === 'bias' && !(owner instanceof BatchNorm)) zero(variable)
    }
  }

  get stages(): readonly AnyModule[] {
    return this.begins.map((begin, i) => this.features.slice(begin, this.begins[i + 1]))
  }

  groups(): ParamGroups {
    return groupsOf(this, [this.features.slice(0, 22)], [this.features.slice(22)])
  }

  forward(x: Images): tf.Tensor2D {
    return this.classifier.forward(flattenAsTorch(this.avgpool.forward(this.features.forward(x))))
  }
}

function classifier(nIn: number, hidden: number, nOut: number): Sequential<[tf.Tensor2D], tf.Tensor2D> {
  const linear = (from: number, to: number) => {
    const layer = new Linear(from, to)
    const weight = normal<tf.Rank.R2>([from, to], 0.01)
    layer.weight.assign(weight)
    weight.dispose()
    return layer
  }
  const relu = () => new ReLU({ inplace: true })
  return new Sequential([
    ...[linear(nIn, hidden), relu(), new Dropout(0.5)],
    ...[linear(hidden, hidden), relu(), new Dropout(0.5)],
    linear(hidden, nOut),
  ])
}

function zero(variable: tf.Variable): void {
  const zeros = tf.zeros(variable.shape)
  variable.assign(zeros)
  zeros.dispose()
}

const vgg = (name: string, depths: readonly number[]): Arch =>
  arch(name, (options) => new Vgg(depths, options))

/** 11 layers, 132.9 million weights, most of them in the classifier. */
export const vgg11Bn = vgg('vgg11_bn', [1, 1, 2, 2, 2])
/** 13 layers, 133.1 million weights. */
export const vgg13Bn = vgg('vgg13_bn', [2, 2, 2, 2, 2])
/** 16 layers, 138.4 million weights. */
export const vgg16Bn = vgg('vgg16_bn', [2, 2, 3, 3, 3])
/** 19 layers, 143.7 million weights. */
export const vgg19Bn = vgg('vgg19_bn', [2, 2, 4, 4, 4])

/** All of them, for the registry. */
export const vggs: readonly Arch[] = [vgg11Bn, vgg13Bn, vgg16Bn, vgg19Bn]
