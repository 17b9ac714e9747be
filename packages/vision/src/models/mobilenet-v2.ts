import {
  type AnyModule,
  BatchNorm,
  Conv2d,
  Dropout,
  fanOut,
  kaimingNormal,
  Linear,
  Module,
  type ParamGroups,
  ReLU6,
  Sequential,
  tf,
} from '@espalier/core'
import { groupsOf } from './groups-of.js'
import { type Arch, type ArchOptions, arch } from './vision-model.js'
import { widenedBy8 } from './widened.js'

type Images = tf.Tensor4D

const conv = (nIn: number, nOut: number, kernel: number, stride = 1, groups = 1) =>
  new Conv2d(nIn, nOut, kernel, {
    stride,
    padding: (kernel - 1) / 2,
    groups,
    bias: false,
    init: (shape) => kaimingNormal(shape, fanOut(shape) / groups),
  })

/** Convolution, batch norm and ReLU6. */
const convNorm = (nIn: number, nOut: number, kernel: number, stride = 1, groups = 1) =>
  new Sequential<[Images], Images>(
    [conv(nIn, nOut, kernel, stride, groups), new BatchNorm(nOut), new ReLU6({ inplace: true })],
    'Conv2dNormActivation',
  )

/** Expands, filters each channel by itself, projects back; the shortcut joins the narrow ends (Sandler et al. 2018). */
class InvertedResidual extends Module<[Images], Images> {
  readonly conv: Sequential<[Images], Images>
  readonly residual: boolean

  constructor(nIn: number, nOut: number, stride: number, expansion: number) {
    super()
    const hidden = nIn * expansion
    this.residual = stride === 1 && nIn === nOut
    this.conv = new Sequential([
      ...(expansion === 1 ? [] : [convNorm(nIn, hidden, 1)]),
      convNorm(hidden, hidden, 3, stride, hidden),
      conv(hidden, nOut, 1),
      new BatchNorm(nOut),
    ])
  }

  forward(x: Images): Images {
    const y = this.conv.forward(x)
    return this.residual ? tf.add(x, y) : y
  }
}

/** Expansion, channels, blocks and first stride of each group (table 2 of the paper). */
const groups = [
  [1, 16, 1, 1],
  [6, 24, 2, 2],
  [6, 32, 3, 2],
  [6, 64, 4, 2],
  [6, 96, 3, 1],
  [6, 160, 3, 2],
  [6, 320, 1, 1],
] as const

/** MobileNetV2 with torchvision's names: `[b, h, w, 3]` → `[b, numClasses]`, 3.5 million weights. */
export class MobileNetV2 extends Module<[Images], tf.Tensor2D> {
  readonly features: Sequential<[Images], Images>
  readonly classifier: Sequential<[tf.Tensor2D], tf.Tensor2D>
  readonly channels: readonly number[]

  constructor({ numClasses = 1000, widen = 1 }: ArchOptions = {}) {
    super()
    const stem = widenedBy8(32, widen)
    const last = widenedBy8(1280, Math.max(1, widen))
    const layers: AnyModule[] = [convNorm(3, stem, 3, 2)]
    let nIn = stem
    for (const [expansion, channels, blocks, firstStride] of groups) {
      const nOut = widenedBy8(channels, widen)
      for (let i = 0; i < blocks; i++) {
        layers.push(new InvertedResidual(nIn, nOut, i === 0 ? firstStride : 1, expansion))
        nIn = nOut
      }
    }
    this.features = new Sequential([...layers, convNorm(nIn, last, 1)])
    this.classifier = new Sequential([new Dropout(0.2), new Linear(last, numClasses)])
    this.channels = [...[16, 24, 32, 96].map((c) => widenedBy8(c, widen)), last]
  }

  get stages(): readonly AnyModule[] {
    const begins = [0, 2, 4, 7, 14]
    return begins.map((begin, i) => this.features.slice(begin, begins[i + 1]))
  }

  groups(): ParamGroups {
    return groupsOf(this, [this.features.slice(0, 7)], [this.features.slice(7)])
  }

  forward(x: Images): tf.Tensor2D {
    return this.classifier.forward(tf.mean<tf.Tensor2D>(this.features.forward(x), [1, 2]))
  }
}

/** MobileNetV2: small, quick and well worth grafting. */
export const mobilenetV2: Arch = arch('mobilenet_v2', (options) => new MobileNetV2(options))
