import {
  AdaptiveAvgPool2d,
  type AnyModule,
  Conv2d,
  Dropout,
  Linear,
  MaxPool2d,
  Module,
  type ParamGroups,
  ReLU,
  Sequential,
  type tf,
} from '@espalier/core'
import { flattenAsTorch } from './flatten-as-torch.js'
import { groupsOf } from './groups-of.js'
import { type Arch, type ArchOptions, arch } from './vision-model.js'
import { widened } from './widened.js'

type Images = tf.Tensor4D

const relu = () => new ReLU({ inplace: true })
const pool = () => new MaxPool2d(3, { stride: 2 })

/** AlexNet (Krizhevsky 2014) with torchvision's names: `[b, h, w, 3]` → `[b, numClasses]`, for pictures of 63 px and more. */
export class AlexNet extends Module<[Images], tf.Tensor2D> {
  readonly features: Sequential<[Images], Images>
  readonly avgpool = new AdaptiveAvgPool2d(6)
  readonly classifier: Sequential<[tf.Tensor2D], tf.Tensor2D>
  readonly channels: readonly number[]

  constructor({ numClasses = 1000, widen, headless }: ArchOptions = {}) {
    super()
    const sizes = [64, 192, 384, 256, headless ? 1 : 4096].map((n) => widened(n, widen))
    const [c1, c2, c3, c4, hidden] = sizes as [number, number, number, number, number]
    this.features = new Sequential([
      ...[new Conv2d(3, c1, 11, { stride: 4, padding: 2 }), relu(), pool()],
      ...[new Conv2d(c1, c2, 5, { padding: 2 }), relu(), pool()],
      ...[new Conv2d(c2, c3, 3, { padding: 1 }), relu()],
      ...[new Conv2d(c3, c4, 3, { padding: 1 }), relu()],
      ...[new Conv2d(c4, c4, 3, { padding: 1 }), relu(), pool()],
    ])
    this.classifier = new Sequential([
      ...[new Dropout(0.5), new Linear(c4 * 36, hidden), relu()],
      ...[new Dropout(0.5), new Linear(hidden, hidden), relu()],
      new Linear(hidden, numClasses),
    ])
    this.channels = [c1, c2, c4, c4]
  }

  get stages(): readonly AnyModule[] {
    const begins = [0, 2, 5, 12]
    return begins.map((begin, i) => this.features.slice(begin, begins[i + 1]))
  }

  groups(): ParamGroups {
    return groupsOf(this, [this.features.slice(0, 6)], [this.features.slice(6)])
  }

  forward(x: Images): tf.Tensor2D {
    return this.classifier.forward(flattenAsTorch(this.avgpool.forward(this.features.forward(x))))
  }
}

/** AlexNet: quick, coarse, and 61.1 million weights, most of them in the classifier. */
export const alexnet: Arch = arch('alexnet', (options) => new AlexNet(options))
