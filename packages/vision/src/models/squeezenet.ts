import {
  AdaptiveAvgPool2d,
  type AnyModule,
  Conv2d,
  Dropout,
  kaimingUniform,
  MaxPool2d,
  Module,
  normal,
  type ParamGroups,
  ReLU,
  Sequential,
  tf,
} from '@espalier/core'
import { groupsOf } from './groups-of.js'
import { type Arch, type ArchOptions, arch } from './vision-model.js'
import { widened } from './widened.js'

type Images = tf.Tensor4D

const conv = (
  nIn: number,
  nOut: number,
  kernel: number,
  options: { readonly stride?: number; readonly padding?: number } = {},
) => new Conv2d(nIn, nOut, kernel, { ...options, init: kaimingUniform })

/** Squeezes to few channels, then expands through 1×1 and 3×3 filters side by side (Iandola et al. 2016). */
class Fire extends Module<[Images], Images> {
  readonly squeeze: Conv2d
  readonly squeezeActivation = new ReLU({ inplace: true })
  readonly expand1x1: Conv2d
  readonly expand1x1Activation = new ReLU({ inplace: true })
  readonly expand3x3: Conv2d
  readonly expand3x3Activation = new ReLU({ inplace: true })

  constructor(nIn: number, squeezed: number, expanded: number) {
    super()
    this.squeeze = conv(nIn, squeezed, 1)
    this.expand1x1 = conv(squeezed, expanded, 1)
    this.expand3x3 = conv(squeezed, expanded, 3, { padding: 1 })
  }

  forward(x: Images): Images {
    const y = this.squeezeActivation.forward(this.squeeze.forward(x))
    const narrow = this.expand1x1Activation.forward(this.expand1x1.forward(y))
    const wide = this.expand3x3Activation.forward(this.expand3x3.forward(y))
    return tf.concat([narrow, wide], 3)
  }
}

/** The versions: channels, kernel and stages of the stem, then the fire modules between pools. */
const versions = {
  '1_0': { stem: 96, kernel: 7, fires: [[16, 16, 32], [32, 48, 48, 64], [64]] },
  '1_1': {
    stem: 64,
    kernel: 3,
    fires: [
      [16, 16],
      [32, 32],
      [48, 48, 64, 64],
    ],
  },
} as const

/** SqueezeNet with torchvision's names: `[b, h, w, 3]` → `[b, numClasses]`, 1.2 million weights. */
export class SqueezeNet extends Module<[Images], tf.Tensor2D> {
  readonly features: Sequential<[Images], Images>
  readonly classifier: Sequential<[Images], Images>
  readonly channels: readonly number[]
  /** Where the stages begin in `features`. */
  readonly begins: readonly number[]

  constructor(version: keyof typeof versions, { numClasses = 1000, widen }: ArchOptions = {}) {
    super()
    const { stem, kernel, fires } = versions[version]
    let nIn = widened(stem, widen)
    const layers: AnyModule[] = [conv(3, nIn, kernel, { stride: 2 }), new ReLU({ inplace: true })]
    const [begins, channels] = [[0], [nIn]]
    for (const stage of fires) {
      begins.push(layers.length)
      layers.push(new MaxPool2d(3, { stride: 2, ceilMode: true }))
      for (const squeezed of stage) {
        const expanded = widened(squeezed * 4, widen)
        layers.push(new Fire(nIn, widened(squeezed, widen), expanded))
        nIn = expanded * 2
      }
      channels.push(nIn)
    }
    this.features = new Sequential(layers)
    this.begins = begins
    this.channels = channels
    const last = new Conv2d(nIn, numClasses, 1, { init: (shape) => normal(shape, 0.01) })
    this.classifier = new Sequential([
      new Dropout(0.5),
      last,
      new ReLU({ inplace: true }),
      new AdaptiveAvgPool2d(1),
    ])
  }

  get stages(): readonly AnyModule[] {
    return this.begins.map((begin, i) => this.features.slice(begin, this.begins[i + 1]))
  }

  groups(): ParamGroups {
    return groupsOf(this, [this.features.slice(0, 5)], [this.features.slice(5)])
  }

  forward(x: Images): tf.Tensor2D {
    const y = this.classifier.forward(this.features.forward(x)) // [b, 1, 1, numClasses]
    return tf.reshape(y, [y.shape[0], y.shape[3]])
  }
}

/** SqueezeNet 1.0, a 7×7 stem. */
export const squeezenet1_0: Arch = arch('squeezenet1_0', (options) => new SqueezeNet('1_0', options))

/** SqueezeNet 1.1: the accuracy of 1.0 for less than half the work. */
export const squeezenet1_1: Arch = arch('squeezenet1_1', (options) => new SqueezeNet('1_1', options))
