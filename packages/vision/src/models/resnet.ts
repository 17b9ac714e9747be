import {
  AdaptiveAvgPool2d,
  type AnyModule,
  BatchNorm,
  Conv2d,
  fanOut,
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
type Part = Module<[Images], Images>

const conv = (nIn: number, nOut: number, kernel: number, stride = 1, groups = 1) =>
  new Conv2d(nIn, nOut, kernel, {
    stride,
    padding: (kernel - 1) / 2,
    groups,
    bias: false,
    init: (shape) => kaimingNormal(shape, fanOut(shape)),
  })

const shortcut = (nIn: number, nOut: number, stride: number) =>
  stride === 1 && nIn === nOut
    ? undefined
    : new Sequential<[Images], Images>([conv(nIn, nOut, 1, stride), new BatchNorm(nOut)])

/** Two 3×3 convolutions around a shortcut (He et al. 2015, fig. 5 left). */
class BasicBlock extends Module<[Images], Images> {
  static readonly expansion = 1
  readonly conv1: Conv2d
  readonly bn1: BatchNorm
  readonly relu = new ReLU({ inplace: true })
  readonly conv2: Conv2d
  readonly bn2: BatchNorm
  readonly downsample: Part | undefined

  constructor(nIn: number, planes: number, stride: number) {
    super()
    this.conv1 = conv(nIn, planes, 3, stride)
    this.bn1 = new BatchNorm(planes)
    this.conv2 = conv(planes, planes, 3)
    this.bn2 = new BatchNorm(planes)
    this.downsample = shortcut(nIn, planes, stride)
  }

  forward(x: Images): Images {
    const y = this.relu.forward(this.bn1.forward(this.conv1.forward(x))) // [b, h/s, w/s, planes]
    const z = this.bn2.forward(this.conv2.forward(y))
    return this.relu.forward(tf.add<Images>(z, this.downsample?.forward(x) ?? x))
  }
}

/** 1×1, 3×3 with the stride, 1×1 to four times the planes (fig. 5 right, torchvision's "v1.5"). */
class Bottleneck extends Module<[Images], Images> {
  static readonly expansion = 4
  readonly conv1: Conv2d
  readonly bn1: BatchNorm
  readonly conv2: Conv2d
  readonly bn2: BatchNorm
  readonly conv3: Conv2d
  readonly bn3: BatchNorm
  readonly relu = new ReLU({ inplace: true })
  readonly downsample: Part | undefined

  constructor(nIn: number, planes: number, stride: number, { groups = 1, widthPerGroup = 64 }: Widths = {}) {
    super()
    const width = Math.max(1, Math.floor((planes * widthPerGroup) / 64)) * groups
    const nOut = planes * Bottleneck.expansion
    this.conv1 = conv(nIn, width, 1)
    this.bn1 = new BatchNorm(width)
    this.conv2 = conv(width, width, 3, stride, groups)
    this.bn2 = new BatchNorm(width)
    this.conv3 = conv(width, nOut, 1)
    this.bn3 = new BatchNorm(nOut)
    this.downsample = shortcut(nIn, nOut, stride)
  }

  forward(x: Images): Images {
    const y = this.relu.forward(this.bn1.forward(this.conv1.forward(x)))
    const z = this.relu.forward(this.bn2.forward(this.conv2.forward(y)))
    return this.relu.forward(
      tf.add<Images>(this.bn3.forward(this.conv3.forward(z)), this.downsample?.forward(x) ?? x),
    )
  }
}

type Block = typeof BasicBlock | typeof Bottleneck
type Depths = readonly [number, number, number, number]

/** The inner convolution of bottlenecks: in how many groups, and how wide each at 64 planes. */
interface Widths {
  readonly groups?: number
  readonly widthPerGroup?: number
}

/** Residual networks (He et al. 2015) with torchvision's names: `[b, h, w, 3]` → `[b, numClasses]`. */
export class ResNet extends Module<[Images], tf.Tensor2D> {
  readonly conv1: Conv2d
  readonly bn1: BatchNorm
  readonly relu = new ReLU({ inplace: true })
  readonly maxpool = new MaxPool2d(3, { stride: 2, padding: 1 })
  readonly layer1: Part
  readonly layer2: Part
  readonly layer3: Part
  readonly layer4: Part
  readonly avgpool = new AdaptiveAvgPool2d(1)
  readonly fc: Linear
  readonly channels: readonly number[]

  constructor(
    block: Block,
    depths: Depths,
    { numClasses = 1000, widen, ...widths }: ArchOptions & Widths = {},
  ) {
    super()
    const { expansion } = block
    const stem = widened(64, widen)
    const stage = (i: 0 | 1 | 2 | 3): Part => {
      const planes = stem * 2 ** i
      const nIn = i === 0 ? stem : (planes / 2) * expansion
      const blocks = Array.from(
        { length: depths[i] },
        (_, k) => new block(k === 0 ? nIn : planes * expansion, planes, k === 0 && i > 0 ? 2 : 1, widths),
      )
      return new Sequential<[Images], Images>(blocks)
    }
    this.conv1 = conv(3, stem, 7, 2)
    this.bn1 = new BatchNorm(stem)
    this.layer1 = stage(0)
    this.layer2 = stage(1)
    this.layer3 = stage(2)
    this.layer4 = stage(3)
    this.fc = new Linear(stem * 8 * expansion, numClasses)
    this.channels = [stem, ...[1, 2, 4, 8].map((n) => stem * n * expansion)]
  }

  get stages(): readonly AnyModule[] {
    const { conv1, bn1, relu, maxpool, layer1, layer2, layer3, layer4 } = this
    return [new Sequential([conv1, bn1, relu]), new Sequential([maxpool, layer1]), layer2, layer3, layer4]
  }

  groups(): ParamGroups {
    const { conv1, bn1, layer1, layer2, layer3, layer4 } = this
    return groupsOf(this, [conv1, bn1, layer1, layer2], [layer3, layer4])
  }

  forward(x: Images): tf.Tensor2D {
    const features = this.stages.reduce<unknown>((h, stage) => stage.forward(h as never), x) as Images
    const pooled = this.avgpool.forward(features) // [b, 1, 1, c]
    return this.fc.forward(tf.reshape(pooled, [pooled.shape[0], pooled.shape[3]]))
  }
}

const resnet = (name: string, block: Block, depths: Depths, widths: Widths = {}): Arch =>
  arch(name, (options) => new ResNet(block, depths, { ...options, ...widths }))

/** 18 layers, 11.7 million weights. */
export const resnet18 = resnet('resnet18', BasicBlock, [2, 2, 2, 2])
/** 34 layers, 21.8 million weights. */
export const resnet34 = resnet('resnet34', BasicBlock, [3, 4, 6, 3])
/** 50 layers of bottlenecks, 25.6 million weights. */
export const resnet50 = resnet('resnet50', Bottleneck, [3, 4, 6, 3])
/** 101 layers, 44.5 million weights. */
export const resnet101 = resnet('resnet101', Bottleneck, [3, 4, 23, 3])
/** 152 layers, 60.2 million weights. */
export const resnet152 = resnet('resnet152', Bottleneck, [3, 8, 36, 3])
/** ResNeXt-50 with 32 groups of 4 (Xie et al. 2016), 25.0 million weights. */
export const resnext50_32x4d = resnet('resnext50_32x4d', Bottleneck, [3, 4, 6, 3], {
  groups: 32,
  widthPerGroup: 4,
})
/** ResNeXt-101 with 32 groups of 8, 88.8 million weights. */
export const resnext101_32x8d = resnet('resnext101_32x8d', Bottleneck, [3, 4, 23, 3], {
  groups: 32,
  widthPerGroup: 8,
})
/** ResNeXt-101 with 64 groups of 4, 83.5 million weights. */
export const resnext101_64x4d = resnet('resnext101_64x4d', Bottleneck, [3, 4, 23, 3], {
  groups: 64,
  widthPerGroup: 4,
})
/** ResNet-50 with bottlenecks twice as wide (Zagoruyko & Komodakis 2016), 68.9 million weights. */
export const wideResnet50_2 = resnet('wide_resnet50_2', Bottleneck, [3, 4, 6, 3], { widthPerGroup: 128 })
/** ResNet-101 with bottlenecks twice as wide, 126.9 million weights. */
export const wideResnet101_2 = resnet('wide_resnet101_2', Bottleneck, [3, 4, 23, 3], { widthPerGroup: 128 })

/** All of them, for the registry. */
export const resnets: readonly Arch[] = [
  resnet18,
  resnet34,
  resnet50,
  resnet101,
  resnet152,
  resnext50_32x4d,
  resnext101_32x8d,
  resnext101_64x4d,
  wideResnet50_2,
  wideResnet101_2,
]
