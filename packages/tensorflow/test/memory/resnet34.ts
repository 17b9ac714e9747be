import {
  AdaptiveAvgPool2d,
  BatchNorm,
  Conv2d,
  Linear,
  MaxPool2d,
  Module,
  ReLU,
  Sequential,
  tf,
} from '@espalier/core'

type Images = tf.Tensor4D

const conv = (nIn: number, nOut: number, size: number, stride: number) =>
  new Conv2d(nIn, nOut, size, { stride, padding: (size - 1) / 2, bias: false })

class Block extends Module<[Images], Images> {
  readonly conv1: Conv2d
  readonly bn1: BatchNorm
  readonly relu = new ReLU({ inplace: true })
  readonly conv2: Conv2d
  readonly bn2: BatchNorm
  readonly downsample: Sequential<[Images], Images> | undefined

  constructor(nIn: number, nOut: number, stride: number) {
    super()
    this.conv1 = conv(nIn, nOut, 3, stride)
    this.bn1 = new BatchNorm(nOut)
    this.conv2 = conv(nOut, nOut, 3, 1)
    this.bn2 = new BatchNorm(nOut)
    this.downsample =
      stride === 1 ? undefined : new Sequential([conv(nIn, nOut, 1, stride), new BatchNorm(nOut)])
  }

  forward(x: Images): Images {
    const y = this.relu.forward(this.bn1.forward(this.conv1.forward(x)))
    const z = this.bn2.forward(this.conv2.forward(y))
    return this.relu.forward(tf.add<Images>(z, this.downsample?.forward(x) ?? x))
  }
}

/** A ResNet-34 (He et al. 2015), which this package cannot import: `[b, h, w, 3]` → `[b, classes]`. */
export class ResNet34 extends Module<[Images], tf.Tensor2D> {
  readonly stem = new Sequential<[Images], Images>([
    conv(3, 64, 7, 2),
    new BatchNorm(64),
    new ReLU({ inplace: true }),
    new MaxPool2d(3, { stride: 2, padding: 1 }),
  ])
  readonly stages: readonly Sequential<[Images], Images>[]
  readonly pool = new AdaptiveAvgPool2d(1)
  readonly fc: Linear

  constructor(classes: number) {
    super()
    this.stages = [3, 4, 6, 3].map((depth, i) => {
      const width = 64 * 2 ** i
      const block = (_: unknown, k: number) =>
        new Block(k === 0 && i > 0 ? width / 2 : width, width, k === 0 && i > 0 ? 2 : 1)
      return new Sequential(Array.from({ length: depth }, block))
    })
    this.fc = new Linear(512, classes)
  }

  forward(x: Images): tf.Tensor2D {
    const y = this.pool.forward(this.stages.reduce((h, stage) => stage.forward(h), this.stem.forward(x)))
    return this.fc.forward(tf.reshape(y, [x.shape[0], 512]))
  }
}
