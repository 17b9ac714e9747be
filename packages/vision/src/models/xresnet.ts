import {
  AdaptiveAvgPool2d,
  type AnyModule,
  applyInit,
  type BlockKind,
  BlurPool2d,
  convLayer,
  Dropout,
  Flatten,
  Linear,
  MaxPool2d,
  type ResBlockOptions,
  resBlock,
  Sequential,
  seBlock,
  seResNeXtBlock,
  type tf,
} from '@espalier/core'
import { EspalierError } from '@espalier/data'
import { type Activation, activationOf } from './activation.js'
import { groupsOf } from './groups-of.js'
import { type Arch, type ArchOptions, arch, type VisionModel } from './vision-model.js'
import { widened } from './widened.js'

type Images = tf.Tensor4D

/** fastai's options of an `XResNet`; what a block can be told goes to every block. */
export interface XResNetOptions extends ArchOptions, Omit<ResBlockOptions, 'act' | 'stride' | 'nh1' | 'nh2'> {
  /** Dropout before the last layer. */
  readonly p?: number
  /** Input channels. Default 3. */
  readonly cIn?: number
  /** Channels of the three convolutions of the stem. Default [32, 32, 64]. */
  readonly stemSzs?: readonly [number, number, number]
  /** Self-attention at the end of the first of four stages. */
  readonly sa?: boolean
  /** By name, which an export remembers, or a function that makes one. Default `relu`. */
  readonly act?: Activation
  /** Stride of the stem, of its pool and of the stages after the first. Default 2. */
  readonly stride?: number
  /** Blurs wherever something shrinks, so that a shift of the picture changes little (Zhang 2019). */
  readonly antiAlias?: boolean
}

/**
 * fastai's `XResNet`: a residual network with a stem of three convolutions and shortcuts that shrink by averaging (He
 * et al. 2018): `[b, h, w, cIn]` → `[b, numClasses]`. Its parts are called `0`, `1`, … up to the last linear layer.
 */
export function xResNet(
  block: BlockKind,
  expansion: number,
  depths: readonly number[],
  {
    numClasses = 1000,
    widen,
    p = 0,
    cIn = 3,
    stemSzs = [32, 32, 64],
    sa = false,
    ...options
  }: XResNetOptions = {},
): VisionModel {
  const { act, ks = 3, stride = 2, antiAlias = false, ...rest } = options
  checkSizes(ks, stemSzs[2] / expansion)
  const makeAct = activationOf(act)
  const shared = { ks, antiAlias, ...(makeAct && { act: makeAct }) }
  const stem = [cIn, ...stemSzs]
  const sizes = [64, 128, 256, 512, ...depths.slice(4).map(() => 256)].map((n) => widened(n, widen))
  const widths = [stemSzs[2] / expansion, ...sizes.slice(0, depths.length)]
  const pool = antiAlias ? { pool: (by: number) => new BlurPool2d(by) } : {}
  const stage = (n: number, i: number) =>
    new Sequential(
      Array.from({ length: n }, (_, k) =>
        block(expansion, k === 0 ? widths[i]! : widths[i + 1]!, widths[i + 1]!, {
          ...pool,
          ...rest,
          ...shared,
          stride: k === 0 && i > 0 ? stride : 1,
          sa: sa && i === depths.length - 4 && k === n - 1,
        }),
      ),
    )
  const net = new Sequential<[Images], tf.Tensor2D>(
    [
      ...[0, 1, 2].map((i) => convLayer(stem[i]!, stem[i + 1]!, { ...shared, stride: i === 0 ? stride : 1 })),
      stemPool(ks, stride, antiAlias),
      ...depths.map(stage),
      new AdaptiveAvgPool2d(1),
      new Flatten(),
      new Dropout(p),
      new Linear(widths.at(-1)! * expansion, numClasses),
    ],
    'XResNet',
  )
  applyInit(net)
  const later = depths.slice(1).map((_, i) => net.slice(i + 5, i + 6))
  return Object.assign(net, {
    stages: [net.slice(0, 3), net.slice(3, 5), ...later],
    channels: [stemSzs[2], ...widths.slice(1).map((w) => w * expansion)],
    groups: () => groupsOf(net, [net.slice(0, 3)], [net.slice(3, -4)]),
  })
}

function stemPool(ks: number, stride: number, antiAlias: boolean): AnyModule {
  const padding = Math.floor(ks / 2)
  if (!antiAlias) return new MaxPool2d(ks, { stride, padding })
  return new Sequential([new MaxPool2d(ks, { stride: 1, padding }), new BlurPool2d(stride)])
}

function checkSizes(ks: number, begin: number): void {
  if (Number.isInteger(ks) && ks % 2 === 1 && Number.isInteger(begin)) return
  const problem = Number.isInteger(begin)
    ? `the kernel must be odd, got ${ks}`
    : 'the channels of the stem must divide by the expansion of the blocks'
  throw new EspalierError('arch/sizes', `xResNet: ${problem}`, {
    fix: 'ks: 3 or 5, stemSzs: [32, 32, 64]',
  })
}

const [d18, d34, d101, d152] = [
  [2, 2, 2, 2],
  [3, 4, 6, 3],
  [3, 4, 23, 3],
  [3, 8, 36, 3],
] as const

/** Names a network; options that it is called with come after those of its kind. */
const named = (
  name: string,
  block: BlockKind,
  expansion: number,
  depths: readonly number[],
  kind: XResNetOptions = {},
): Arch<XResNetOptions> =>
  arch(name, (options: XResNetOptions) => xResNet(block, expansion, depths, { ...kind, ...options }))

const plain = (name: string, expansion: number, depths: readonly number[]) =>
  named(name, resBlock, expansion, depths)
const se = (name: string, expansion: number, depths: readonly number[]) =>
  named(name, seBlock, expansion, depths, { groups: 1, reduction: 16 })
const seNext = (name: string, expansion: number, depths: readonly number[]) =>
  named(name, seResNeXtBlock, expansion, depths, { groups: 32, reduction: 16 })
const next = (name: string, expansion: number, depths: readonly number[]) =>
  named(name, seResNeXtBlock, expansion, depths, { groups: 32, reduction: 0 })

/** fastai's variant of ResNet-18. */
export const xresnet18 = plain('xresnet18', 1, d18)
/** fastai's variant of ResNet-34. */
export const xresnet34 = plain('xresnet34', 1, d34)
/** fastai's variant of ResNet-50. */
export const xresnet50 = plain('xresnet50', 4, d34)
/** fastai's variant of ResNet-101. */
export const xresnet101 = plain('xresnet101', 4, d101)
/** fastai's variant of ResNet-152. */
export const xresnet152 = plain('xresnet152', 4, d152)
/** XResNet-18 with two more stages, for larger pictures. */
export const xresnet18Deep = plain('xresnet18_deep', 1, [...d18, 1, 1])
/** XResNet-34 with two more stages. */
export const xresnet34Deep = plain('xresnet34_deep', 1, [...d34, 1, 1])
/** XResNet-50 with two more stages. */
export const xresnet50Deep = plain('xresnet50_deep', 4, [...d34, 1, 1])
/** Four more stages than XResNet-18, and shallower ones. */
export const xresnet18Deeper = plain('xresnet18_deeper', 1, [2, 2, 1, 1, 1, 1, 1, 1])
/** XResNet-34 with four more stages. */
export const xresnet34Deeper = plain('xresnet34_deeper', 1, [...d34, 1, 1, 1, 1])
/** XResNet-50 with four more stages. */
export const xresnet50Deeper = plain('xresnet50_deeper', 4, [...d34, 1, 1, 1, 1])
/** XResNet-18 that squeezes and excites. */
export const xseResnet18 = se('xse_resnet18', 1, d18)
/** XResNet-34 that squeezes and excites. */
export const xseResnet34 = se('xse_resnet34', 1, d34)
/** XResNet-50 that squeezes and excites. */
export const xseResnet50 = se('xse_resnet50', 4, d34)
/** XResNet-101 that squeezes and excites. */
export const xseResnet101 = se('xse_resnet101', 4, d101)
/** XResNet-152 that squeezes and excites. */
export const xseResnet152 = se('xse_resnet152', 4, d152)
/** The same with 64 groups and dropout (SENet-154); fastai's own cannot be made. */
export const xsenet154 = named('xsenet154', seBlock, 4, d152, { groups: 64, reduction: 16, p: 0.2 })
/** XResNet-18 with 32 groups. */
export const xresnext18 = next('xresnext18', 1, d18)
/** XResNet-34 with 32 groups. */
export const xresnext34 = next('xresnext34', 1, d34)
/** XResNet-50 with 32 groups. */
export const xresnext50 = next('xresnext50', 4, d34)
/** XResNet-101 with 32 groups. */
export const xresnext101 = next('xresnext101', 4, d101)
/** XResNet-18 with 32 groups that squeezes and excites. */
export const xseResnext18 = seNext('xse_resnext18', 1, d18)
/** XResNet-34 with 32 groups that squeezes and excites. */
export const xseResnext34 = seNext('xse_resnext34', 1, d34)
/** XResNet-50 with 32 groups that squeezes and excites. */
export const xseResnext50 = seNext('xse_resnext50', 4, d34)
/** XResNet-101 with 32 groups that squeezes and excites. */
export const xseResnext101 = seNext('xse_resnext101', 4, d101)
/** {@link xseResnext18} with two more stages. */
export const xseResnext18Deep = seNext('xse_resnext18_deep', 1, [...d18, 1, 1])
/** {@link xseResnext34} with two more stages. */
export const xseResnext34Deep = seNext('xse_resnext34_deep', 1, [...d34, 1, 1])
/** {@link xseResnext50} with two more stages. */
export const xseResnext50Deep = seNext('xse_resnext50_deep', 4, [...d34, 1, 1])
/** Four more stages than {@link xseResnext18}, and shallower ones. */
export const xseResnext18Deeper = seNext('xse_resnext18_deeper', 1, [2, 2, 1, 1, 1, 1, 1, 1])
/** Four more stages than {@link xseResnext34}, and shallower ones. */
export const xseResnext34Deeper = seNext('xse_resnext34_deeper', 1, [3, 4, 4, 2, 2, 1, 1, 1])
/** Four more stages than {@link xseResnext50}, and shallower ones. */
export const xseResnext50Deeper = seNext('xse_resnext50_deeper', 4, [3, 4, 4, 2, 2, 1, 1, 1])

/** All of them, for the registry. */
export const xresnets: readonly Arch[] = [
  xresnet18,
  xresnet34,
  xresnet50,
  xresnet101,
  xresnet152,
  xresnet18Deep,
  xresnet34Deep,
  xresnet50Deep,
  xresnet18Deeper,
  xresnet34Deeper,
  xresnet50Deeper,
  xseResnet18,
  xseResnet34,
  xseResnet50,
  xseResnet101,
  xseResnet152,
  xsenet154,
  xresnext18,
  xresnext34,
  xresnext50,
  xresnext101,
  xseResnext18,
  xseResnext34,
  xseResnext50,
  xseResnext101,
  xseResnext18Deep,
  xseResnext34Deep,
  xseResnext50Deep,
  xseResnext18Deeper,
  xseResnext34Deeper,
  xseResnext50Deeper,
]
