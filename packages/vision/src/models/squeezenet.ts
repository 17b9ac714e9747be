import {
  AdaptiveAvgPool2d,
  type AnyModule,
  Conv2d,
  Dropout,
  kaimingUniform,
  MaxPool2d,
  Module,
  normal,
  ReLU,
  Sequential,
  tf,
} from '@espalier/core'
import { type Arch, arch } from './vision-model.js'

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

/** SqueezeNet with torchvision's names: `[b, h, w, 3]` → `[b, numClasses]`, 1.2 million weights. */
export class SqueezeNet extends Module<[Images], tf.Tensor2D> {
  readonly features: Sequential<[Images], Images>
  readonly classifier: Sequential<[Images], Images>

  constructor(
    layers: readonly AnyModule[],
    /** Where the stages begin in `features`. */
    readonly begins: readonly number[],
    readonly channels: readonly number[],
    numClasses = 1000,
  ) {
    super()
    this.features = new Sequential(layers)
    const last = new Conv2d(512, numClasses, 1, { init: (shape) => normal(shape, 0.01) })
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

  forward(x: Images): tf.Tensor2D {
    const y = this.classifier.forward(this.features.forward(x)) // [b, 1, 1, numClasses]
    return tf.reshape(y, [y.shape[0], y.shape[3]])
  }
}

const pool = () => new MaxPool2d(3, { stride: 2, ceilMode: true })
const relu = () => new ReLU({ inplace: true })

/** SqueezeNet 1.0, a 7×7 stem. */
export const squeezenet1_0: Arch = arch('squeezenet1_0', ({ numClasses }) => {
  const layers = [
    ...[conv(3, 96, 7, { stride: 2 }), relu(), pool()],
    ...[new Fire(96, 16, 64), new Fire(128, 16, 64), new Fire(128, 32, 128), pool()],
    ...[
      new Fire(256, 32, 128),
      new Fire(256, 48, 192),
      new Fire(384, 48, 192),
      new Fire(384, 64, 256),
      pool(),
    ],
    new Fire(512, 64, 256),
  ]
  return new SqueezeNet(layers, [0, 2, 6, 11], [96, 256, 512, 512], numClasses)
})

/** SqueezeNet 1.1: the accuracy of 1.0 for less than half the work. */
export const squeezenet1_1: Arch = arch('squeezenet1_1', ({ numClasses }) => {
  const layers = [
    ...[conv(3, 64, 3, { stride: 2 }), relu(), pool()],
    ...[new Fire(64, 16, 64), new Fire(128, 16, 64), pool()],
    ...[new Fire(128, 32, 128), new Fire(256, 32, 128), pool()],
    ...[new Fire(256, 48, 192), new Fire(384, 48, 192), new Fire(384, 64, 256), new Fire(512, 64, 256)],
  ]
  return new SqueezeNet(layers, [0, 2, 5, 8], [64, 128, 256, 512], numClasses)
})
